import { rmSync } from "node:fs";
import type { Contest } from "./contest.ts";
import { copies } from "./copies.ts";
import { linesOfFile } from "./lines-of-a-file.ts";
import { smallWrites } from "./small-writes.ts";

export const contests: readonly Contest[] = [linesOfFile, smallWrites, copies];

/** Removes the output of a run, so that the next run does not overwrite pages that are not flushed yet. */
export function clean(output: string): void {
  rmSync(output, { force: true });
}
