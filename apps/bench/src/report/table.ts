import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import { wrapped } from "./screen.ts";

export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
  /** Left out where the terminal is too narrow, the highest number first. A column without one always stays. */
  readonly dispensable?: number;
  /** Its cells may be broken into lines, between words, where the terminal is too narrow. */
  readonly wraps?: true;
}

/** A row, or the title of those below it. */
export type Row = readonly string[] | string;

/** A column that wraps keeps this width as long as another one can be left out for it, and in any case the second. */
const NARROW = 24;
const NARROWEST = 12;

const GAP = "  ";

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: GAP,
};

/** Rows under their headings, without borders: it fits narrow terminals and copies well. */
export function table(columns: readonly Column[], rows: readonly Row[], width: number): string {
  const cells = rows.filter((row) => typeof row !== "string");
  const natural = columns.map(({ heading }, index) =>
    Math.max(heading.length, ...cells.map((row) => longestLine(row[index] ?? ""))),
  );
  const shown = fitting(columns, natural, width);
  const own = fittedWidths(columns, natural, shown, width);
  const cell = (text: string, index: number) =>
    columns[index]?.wraps ? broken(text, own[index] ?? 0) : text;
  const made = new Table({
    head: shown.map((index) => columns[index]?.heading ?? ""),
    colAligns: shown.map((index) => columns[index]?.align ?? "left"),
    colWidths: shown.map((index) => own[index] ?? 0),
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) {
    if (typeof row === "string")
      made.push([{ content: wrapped(row, total(own, shown)), colSpan: shown.length }]);
    else made.push(shown.map((index) => cell(row[index] ?? "", index)));
  }
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function longestLine(cell: string): number {
  return Math.max(
    ...stripVTControlCharacters(cell)
      .split("\n")
      .map(({ length }) => length),
  );
}

/** The indices of the columns that have room, once those that wrap are as narrow as they can be. */
function fitting(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const least = natural.map((own, index) => (columns[index]?.wraps ? Math.min(own, NARROW) : own));
  const shown = columns.map((_, index) => index);
  const leaving = shown
    .filter((index) => columns[index]?.dispensable !== undefined)
    .toSorted((a, b) => (columns[b]?.dispensable ?? 0) - (columns[a]?.dispensable ?? 0));
  for (const index of leaving) {
    if (total(least, shown) <= width) break;
    shown.splice(shown.indexOf(index), 1);
  }
  return shown;
}

/** How wide each column is: what does not fit is taken from the widest of those that wrap. */
function fittedWidths(
  columns: readonly Column[],
  natural: readonly number[],
  shown: readonly number[],
  width: number,
): number[] {
  const own = [...natural];
  const wrapping = shown.filter((index) => columns[index]?.wraps);
  while (total(own, shown) > width) {
    const widest = wrapping.toSorted((a, b) => (own[b] ?? 0) - (own[a] ?? 0))[0];
    if (widest === undefined || (own[widest] ?? 0) <= NARROWEST) break;
    own[widest] = (own[widest] ?? 0) - 1;
  }
  return own;
}

/** What stands behind a mark or an indentation is indented as far in its second line. */
function broken(cell: string, width: number): string {
  const indent = /^(?:● | {2})/.test(cell) ? "  " : "";
  return cell
    .split("\n")
    .map((line) => wrapped(line, width, indent))
    .join("\n");
}

function total(widths: readonly number[], shown: readonly number[]): number {
  return shown.reduce((sum, index) => sum + (widths[index] ?? 0) + GAP.length, -GAP.length);
}
