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
export const COLOURS = {
  type: "categorical",
  domain: ["ours", "peer", "baseline", "floor"],
  range: [
    "light-dark(#1f6fb2, #6cb0ef)",
    "light-dark(#b45f06, #f0a94e)",
    "light-dark(#6b6b6b, #a5a5a5)",
    "light-dark(#6b6b6b, #a5a5a5)",
  ],
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
    x: {
      type: "log",
      label: `${unit}, logarithmic, less is better →`,
      grid: true,
      ...ticks(shown.flatMap(({ nsPerChunk = 1, spread }) => [nsPerChunk, spread?.high ?? nsPerChunk])),
    },
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

/** A tick for each power of ten, or at 1, 2 and 5 where there are few, written out. */
function ticks(values: readonly number[]): { ticks: number[]; tickFormat: (value: number) => string } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steps = high / low < 100 ? [1, 2, 5] : [1];
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, index) => first + index);
  const all = powers.flatMap((power) => steps.map((step) => step * 10 ** power));
  return {
    ticks: all.filter((tick) => tick >= low && tick <= high),
    tickFormat: measured,
  };
}

/** Where the bars of a logarithmic scale begin. */
function least(rows: readonly Standing[]): number {
  return Math.min(...rows.map(({ nsPerChunk, spread }) => Math.min(nsPerChunk ?? 1, spread?.low ?? 1))) / 2;
}

/** How the cost of a chunk grows with its size. Those that are known best have names, the others show where most are. */
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

const HEIGHT = 460;
/** Room for the axes above and below. */
const MARGINS = { marginTop: 30, marginBottom: 40 } as const;
const LINE_HEIGHT = 15;

function lines(document: Document, points: readonly Point[], unit: string, label: string): Element {
  const sizes = [...new Set(points.map(({ chunkBytes }) => chunkBytes))];
  const costs = points.map(({ cost }) => cost);
  const range = [Math.min(...costs), Math.max(...costs)] as const;
  const isKnown = ({ name }: Point) => contender(name).known === true;
  const byStyle = [
    { marked: points.filter((point) => !isKnown(point)), strokeOpacity: 0.25, strokeWidth: 1 },
    { marked: points.filter(isKnown), strokeOpacity: 1, strokeWidth: 1.8 },
  ];
  return Plot.plot({
    ...common(document, label),
    ...MARGINS,
    height: HEIGHT,
    marginLeft: 70,
    marginRight: 230,
    color: COLOURS,
    // In powers of its base a logarithmic scale labels its ticks.
    x: { type: "log", base: 2, label: "bytes in a chunk →", ticks: sizes, tickFormat: size },
    y: { type: "log", label: `↑ ${unit}, logarithmic`, grid: true, domain: range, ...ticks(costs) },
    marks: [
      ...byStyle.map(({ marked, ...style }) =>
        Plot.line(marked, { x: "chunkBytes", y: "cost", z: "name", stroke: "role", ...style }),
      ),
      Plot.dot(points.filter(isKnown), { x: "chunkBytes", y: "cost", fill: "role", r: 2.5 }),
      Plot.text(namesOf(points.filter(isKnown), range), {
        x: "chunkBytes",
        y: "place",
        text: "name",
        fill: "role",
        textAnchor: "start",
        dx: 8,
      }),
    ],
  });
}

interface Name extends Point {
  /** Where it stands: beside the end of its line, or as close to it as others allow. */
  readonly place: number;
}

/** The names at the ends of the lines, one for those that end at the same place, none upon another. */
function namesOf(points: readonly Point[], [low, high]: readonly [number, number]): Name[] {
  const lastSize = Math.max(...points.map(({ chunkBytes }) => chunkBytes));
  const ends = points.filter(({ chunkBytes }) => chunkBytes === lastSize);
  const isAlike = (a: Point, b: Point) => a.cost === b.cost && a.role === b.role;
  const names = ends
    .filter((end, index) => ends.findIndex((other) => isAlike(end, other)) === index)
    .map((first) => {
      const [name = "", ...others] = ends.filter((end) => isAlike(end, first)).map((end) => end.name);
      return {
        ...first,
        name: others.length > 1 ? `${name} and ${others.length} more` : [name, ...others].join(", "),
      };
    })
    .toSorted((a, b) => a.cost - b.cost);
  const step = (LINE_HEIGHT * Math.log(high / low)) / (HEIGHT - MARGINS.marginTop - MARGINS.marginBottom);
  const places: number[] = [];
  for (const { cost } of names) places.push(Math.max(Math.log(cost), (places.at(-1) ?? -Infinity) + step));
  // What was pushed beyond the top comes down again, and pushes those below it.
  let ceiling = Math.log(high) + step;
  for (let index = places.length - 1; index >= 0; index--) {
    places[index] = Math.min(places[index] as number, ceiling - step);
    ceiling = places[index] as number;
  }
  return names.map((name, index) => ({ ...name, place: Math.exp(places[index] as number) }));
}
