import * as Plot from "@observablehq/plot";
import type { Series } from "../runner/entrant.ts";
import type { StallSample } from "../scenarios/stall.ts";
import { contender } from "../subjects/contenders.ts";
import { measured, size } from "./format.ts";
import type { Document, Element } from "./page.ts";
import type { Standing, Standings } from "./standings.ts";

/** What every chart has: it is drawn where there is no browser, and takes the colours of the page. */
const common = (document: Document, label: string): Plot.PlotOptions => ({
  document: document as never,
  ariaLabel: label,
  style: { background: "none", fontSize: "12px", overflow: "visible" },
  width: 860,
});

/** Told apart by more than colour: the names stand beside the bars. */
const COLOURS = {
  type: "categorical",
  domain: ["ours", "peer", "baseline", "floor"],
  range: ["#3b82c4", "#d98a2b", "#8a8a8a", "#8a8a8a"],
} as const;

/** A bar for each contender, the shortest first, with the spread of its median. */
export function bars(document: Document, { rows }: Standings, unit: string, label: string): Element {
  const shown = rows.filter(({ nsPerChunk }) => nsPerChunk !== undefined);
  const role = (row: Standing) => contender(row.contender).role;
  return Plot.plot({
    ...common(document, label),
    marginLeft: 170,
    marginRight: 60,
    color: COLOURS,
    x: { type: "log", label: `${unit}, logarithmic, less is better →`, grid: true },
    y: { label: null, domain: shown.map((row) => row.contender) },
    marks: [
      Plot.ruleY(shown, {
        x1: least(shown),
        x2: "nsPerChunk",
        y: "contender",
        stroke: role,
        strokeWidth: 10,
      }),
      Plot.ruleY(shown, {
        x1: (row: Standing) => row.spread?.low,
        x2: (row: Standing) => row.spread?.high,
        y: "contender",
        stroke: "currentColor",
        strokeWidth: 1.5,
      }),
      Plot.text(shown, {
        x: (row: Standing) => Math.max(row.spread?.high ?? 0, row.nsPerChunk ?? 0),
        y: "contender",
        text: (row: Standing) => measured(row.nsPerChunk ?? 0),
        textAnchor: "start",
        dx: 6,
        fill: "currentColor",
      }),
    ],
  });
}

/** Where the bars of a logarithmic scale begin. */
function least(rows: readonly Standing[]): number {
  return Math.min(...rows.map(({ nsPerChunk, spread }) => Math.min(nsPerChunk ?? 1, spread?.low ?? 1))) / 2;
}

/** How the cost of a chunk grows with its size. */
export function growth(document: Document, standings: readonly Standings[]): Element {
  const points = standings.flatMap(({ chunkBytes, rows }) =>
    rows.flatMap(({ contender: name, nsPerChunk }) =>
      nsPerChunk === undefined ? [] : [{ chunkBytes, name, role: contender(name).role, cost: nsPerChunk }],
    ),
  );
  return lines(document, points, "ns for a chunk", "Time for a chunk against its size");
}

/** What a writer gets rid of while nobody reads. Those that have no limit at all stand in the table. */
export function stalledMemory(document: Document, stalls: readonly Series<StallSample>[]): Element {
  const points = stalls.flatMap(({ contender: name, failure, samples }) =>
    failure === undefined
      ? (samples[0]?.accepted ?? []).flatMap(({ chunkBytes, acceptedBytes, bounded }) =>
          bounded && acceptedBytes > 0
            ? [{ chunkBytes, name, role: contender(name).role, cost: acceptedBytes }]
            : [],
        )
      : [],
  );
  return lines(
    document,
    points,
    "bytes held",
    "Bytes held while the reader stalls, against the size of a chunk",
  );
}

interface Point {
  readonly chunkBytes: number;
  readonly name: string;
  readonly role: string;
  readonly cost: number;
}

function lines(document: Document, points: readonly Point[], unit: string, label: string): Element {
  const sizes = [...new Set(points.map(({ chunkBytes }) => chunkBytes))];
  return Plot.plot({
    ...common(document, label),
    height: 420,
    marginLeft: 70,
    marginRight: 190,
    color: COLOURS,
    x: { type: "log", label: "bytes in a chunk →", ticks: sizes, tickFormat: size },
    y: { type: "log", label: `↑ ${unit}, logarithmic`, grid: true },
    marks: [
      Plot.line(points, { x: "chunkBytes", y: "cost", z: "name", stroke: "role", strokeOpacity: 0.8 }),
      Plot.dot(points, { x: "chunkBytes", y: "cost", fill: "role", r: 2.5 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: "chunkBytes",
          y: "cost",
          z: "name",
          text: "name",
          fill: "role",
          textAnchor: "start",
          dx: 8,
        }),
      ),
    ],
  });
}
