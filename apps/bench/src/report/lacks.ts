import type { Lack } from "../subjects/implementation.ts";
import { implementation } from "../subjects/implementations.ts";
import { listed } from "./format.ts";

const MEANINGS: Readonly<Record<Lack, string>> = {
  bound: "accepts more than 512 bytes beside the chunk that is being written",
  copy: "passes chunks by reference: the writer must not reuse its array",
  timers: "a fast transfer stops timers",
};

/** The promises that another implementation lacks, for a cell: `bound, copy`. */
export function lacksOf(name: string): string {
  return implementation(name).lacks?.join(", ") ?? "";
}

/** The same in a sentence: `the 512-byte bound, copies and timers`. */
export function lacksInWords(name: string): string {
  const words = { bound: "the 512-byte bound", copy: "copies", timers: "timers" };
  return listed((implementation(name).lacks ?? []).map((lack) => words[lack]));
}

/** The legend of the cells. */
export const LACKS_LEGEND: string = `lacks: ${Object.entries(MEANINGS)
  .map(([lack, meaning]) => `${lack} = ${meaning}`)
  .join("; ")}`;
