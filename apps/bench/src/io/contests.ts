import { rmSync } from "node:fs";
import type { Contest } from "./contest.ts";
import { copies } from "./copies.ts";
import { linesOfFile } from "./lines-of-a-file.ts";
import { smallWrites } from "./small-writes.ts";

export const contests: readonly Contest[] = [linesOfFile, smallWrites, copies];

/** Removes what a run has written, so that the next one does not overwrite pages that are still to be flushed. */
export function clean(output: string): void {
  rmSync(output, { force: true });
}
