import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
  /** Left out where the terminal is too narrow, the highest number first; without one it always stays. */
  readonly dispensable?: number;
}

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
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const shown = fitting(columns, rows, width);
  const made = new Table({
    head: shown.map((index) => columns[index]?.heading ?? ""),
    colAligns: shown.map((index) => columns[index]?.align ?? "left"),
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  made.push(...rows.map((row) => shown.map((index) => row[index] ?? "")));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** The indices of the columns that have room. */
function fitting(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ heading }, index) => {
    return Math.max(heading.length, ...rows.map((row) => stripVTControlCharacters(row[index] ?? "").length));
  });
  const shown = columns.map((_, index) => index);
  const leaving = shown
    .filter((index) => columns[index]?.dispensable !== undefined)
    .toSorted((a, b) => (columns[b]?.dispensable ?? 0) - (columns[a]?.dispensable ?? 0));
  const total = () => shown.reduce((sum, index) => sum + (widths[index] ?? 0) + GAP.length, -GAP.length);
  for (const index of leaving) {
    if (total() <= width) break;
    shown.splice(shown.indexOf(index), 1);
  }
  return shown;
}
