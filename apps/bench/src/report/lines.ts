import { type Document, drawn, type Element, made } from "./dom.ts";
import { measured, size } from "./format.ts";
import { percent, Scale } from "./scale.ts";

/** One line: a value for each size of chunks. */
export interface Line {
  /** The names of all that share the line, because identical lines would hide each other. */
  readonly names: readonly string[];
  readonly group: string;
  readonly points: readonly { readonly chunkBytes: number; readonly value: number }[];
}

/** Merges lines of equal values into one line with all their names. */
export function merged(all: readonly Line[]): Line[] {
  const byShape = new Map<string, Line>();
  for (const line of all) {
    const key = JSON.stringify([line.group, line.points]);
    const { names = [] } = byShape.get(key) ?? {};
    byShape.set(key, { ...line, names: [...names, ...line.names] });
  }
  return [...byShape.values()];
}

/** The contents of a picture of lines. */
export interface Lines {
  /** What the axes show. */
  readonly title: string;
  readonly label: string;
  readonly lines: readonly Line[];
  /** How a value is written. */
  readonly written: (value: number) => string;
  /** Values that the axis may label; by default round ones. */
  readonly ticks?: readonly number[];
}

/** The height of a number at the end of a line, in percent of the picture. */
const END_HEIGHT = 7;

/** Values by chunk size, both logarithmic. A list beside the ends of the lines has the names and values. */
export function lines(
  document: Document,
  { title, label, lines: all, written, ticks: wanted }: Lines,
): Element {
  const sizes = [...new Set(all.flatMap(({ points }) => points.map(({ chunkBytes }) => chunkBytes)))];
  const [horizontal, vertical] = [
    new Scale(sizes),
    new Scale(all.flatMap(({ points }) => points.map(({ value }) => value))),
  ];
  const last = ({ points }: Line) => points.at(-1)?.value ?? 0;
  const shown = all.toSorted((a, b) => last(b) - last(a));
  const top = (value: number) => 100 - vertical.at(value);
  const ends = spreadOut(shown.map((line) => top(last(line))));
  const polyline = ({ group, points }: Line) =>
    drawn(document, "polyline", {
      class: group,
      points: points
        .map(({ chunkBytes, value }) => `${horizontal.at(chunkBytes).toFixed(2)},${top(value).toFixed(2)}`)
        .join(" "),
    });
  const ticks = wanted?.filter((tick) => vertical.has(tick)) ?? vertical.ticks();
  const rule = (tick: number) =>
    drawn(document, "line", { x1: "0", x2: "100", y1: top(tick).toFixed(2), y2: top(tick).toFixed(2) });
  const chart = made(
    document,
    "div",
    { class: "lines-chart", role: "img", "aria-label": label },
    drawn(
      document,
      "svg",
      { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
      ...ticks.map(rule),
      // pipe512 last, so that it is drawn on top.
      ...shown.toSorted((a, b) => Number(a.group === "ours") - Number(b.group === "ours")).map(polyline),
    ),
    ...ticks.map((tick) =>
      made(
        document,
        "span",
        { class: "lines-y", style: `--at: ${percent(top(tick))}` },
        wanted ? written(tick) : measured(tick),
      ),
    ),
    ...sizes.map((bytes) =>
      made(
        document,
        "span",
        { class: "lines-x", style: `--at: ${percent(horizontal.at(bytes))}` },
        size(bytes),
      ),
    ),
    ...shown.map(({ group }, index) =>
      made(
        document,
        "span",
        { class: `lines-end ${group}`, style: `--at: ${percent(ends[index] ?? 0)}` },
        String(index + 1),
      ),
    ),
  );
  const items = shown.map((line, index) =>
    made(
      document,
      "li",
      { class: line.group },
      made(document, "b", { "aria-hidden": "true" }, String(index + 1)),
      made(
        document,
        "span",
        {},
        made(document, "strong", {}, line.names.join(", ")),
        made(document, "small", {}, range(line, written)),
      ),
    ),
  );
  return made(
    document,
    "div",
    { class: "lines" },
    made(document, "p", { class: "lines-title" }, title),
    chart,
    made(document, "ol", {}, ...items),
  );
}

function range({ points }: Line, written: (value: number) => string): string {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? `${written(low)} at every size` : `${written(low)} to ${written(high)}`;
}

/** Positions from top to bottom with a minimum distance, none outside the picture. */
function spreadOut(places: readonly number[]): number[] {
  const moved: number[] = [];
  for (const place of places) moved.push(Math.max(place, (moved.at(-1) ?? -Infinity) + END_HEIGHT));
  let floor = 100 + END_HEIGHT / 2;
  for (let index = moved.length - 1; index >= 0; index--) {
    moved[index] = Math.min(moved[index] as number, floor - END_HEIGHT);
    floor = moved[index] as number;
  }
  return moved;
}
