import type { Spread } from "../statistics.ts";
import { type Document, type Element, made } from "./dom.ts";
import { measured, plusMinus } from "./format.ts";
import { percent, Scale } from "./scale.ts";

/** One row: a dot at its cost, on the confidence interval of the cost. */
interface Dot {
  readonly name: string;
  /** The group that shows it, which is also the class of its row. */
  readonly group: string;
  readonly cost: number;
  readonly spread?: Spread | undefined;
}

/** The contents of a plot. */
export interface Dots {
  /** What the axis shows, and which end is better. */
  readonly title: string;
  /** The unit for a screen reader: `nanoseconds`. */
  readonly unit: string;
  /** The titles of the groups, in their order. */
  readonly groups: Readonly<Record<string, string>>;
  readonly rows: readonly Dot[];
}

/** Dots with ranges on a shared, logarithmic axis. It is a list, and each row describes its values in words. */
export function dots(document: Document, { title, unit, groups, rows }: Dots): Element {
  const scale = new Scale(
    rows.flatMap(({ cost, spread }) => [cost, ...(spread ? [spread.low, spread.high] : [])]),
  );
  const ticks = scale.ticks();
  const items = Object.entries(groups).flatMap(([group, heading]) => {
    const members = rows.filter((row) => row.group === group).toSorted((a, b) => a.cost - b.cost);
    if (members.length === 0) return [];
    const headingItem = made(document, "li", { class: "dots-group" }, heading);
    return [headingItem, ...members.map((row) => item(document, row, scale, unit))];
  });
  const grid = `--grid: ${ticks.map((tick) => gridLine(scale.at(tick))).join(", ")}`;
  return made(
    document,
    "div",
    { class: "dots", style: grid },
    made(document, "p", { class: "dots-title" }, title),
    made(document, "div", { class: "dots-axis", "aria-hidden": "true" }, axis(document, ticks, scale)),
    made(document, "ul", {}, ...items),
  );
}

function axis(document: Document, ticks: readonly number[], scale: Scale): Element {
  const marks = ticks.map((tick, index) => {
    // On a narrow screen there is room for every second label.
    const minor = ticks.length > 5 && index % 2 === 1 ? { class: "minor" } : {};
    return made(document, "i", { style: `--at: ${percent(scale.at(tick))}`, ...minor }, measured(tick));
  });
  return made(document, "span", {}, ...marks);
}

function gridLine(at: number): string {
  const [from, to] = [`calc(${percent(at)} - 0.5px)`, `calc(${percent(at)} + 0.5px)`];
  return `linear-gradient(90deg, transparent ${from}, var(--line) ${from} ${to}, transparent ${to})`;
}

function item(document: Document, { name, group, cost, spread }: Dot, scale: Scale, unit: string): Element {
  const [low, high] = [spread?.low ?? cost, spread?.high ?? cost];
  const places = [
    `--at: ${percent(scale.at(cost))}`,
    `--low: ${percent(scale.at(low))}`,
    `--high: ${percent(scale.at(high))}`,
  ];
  const hidden = { "aria-hidden": "true" };
  const range = spread === undefined || low === high ? "" : plusMinus(spread);
  return made(
    document,
    "li",
    { class: group, style: places.join("; ") },
    made(document, "span", { class: "dots-name" }, name),
    made(
      document,
      "span",
      { class: "dots-track", ...hidden },
      made(document, "i", { class: "dots-range" }),
      made(document, "i", { class: "dots-dot" }),
    ),
    made(
      document,
      "span",
      { class: "dots-value" },
      made(document, "span", { title: unit }, measured(cost)),
      " ",
      made(document, "small", {}, range),
    ),
  );
}
