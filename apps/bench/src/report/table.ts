import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import { wrapped } from "./screen.ts";

export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
  /** The order in which columns are dropped if the terminal is too narrow, the highest number first. Without a number, a column stays. */
  readonly dispensable?: number;
  /** Whether its cells may be broken into lines, between words, if the terminal is too narrow. */
  readonly wraps?: true;
}

/** A row, or the title of those below it. */
export type Row = readonly string[] | string;

/** A wrapping column keeps this width while another column can be dropped for it. */
const NARROW = 24;
/** The minimum width of a wrapping column. */
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

/** Rows under their headings, without borders, which fits narrow terminals and is easy to copy. */
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

/** The indices of the columns that fit when the wrapping ones are as narrow as possible. */
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

/** The width of each column. Missing room is taken from the widest of the wrapping columns. */
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

/** The second line of a cell has the same indentation as the text after a mark. */
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
