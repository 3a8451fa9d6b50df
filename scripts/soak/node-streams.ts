import { run } from "./program.ts";

const PROGRAM = "packages/node/test/programs/random-operations.ts";
const BATCH = 5000;

/** Runs random sequences of operations on every conversion of Node streams. */
export function soakNodeStreams(sequences: number): void {
  for (let done = 0; done < sequences; done += BATCH) {
    console.log(run([], PROGRAM, Math.min(BATCH, sequences - done)));
  }
}
