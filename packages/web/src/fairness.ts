import { pipe } from "@pipe512/core";
import { NOTHING } from "./bytes.ts";

/** So many attempts, of all streams together, are made before the pipes are asked whether time is left. */
const ATTEMPTS = 32;

const { writer } = pipe();

/** Raised by {@link mayTry}; back to 0 with each answer. */
let attempts = 0;

/**
 * Whether to try an operation at once, without a promise. Streams settle their promises before any timer, so as long as
 * that succeeds nothing else would run. An operation that may wait draws on the budget by which all pipes together let
 * timers and I/O have their turn; so does this, with a write of nothing, and until that is done no attempt is made.
 */
export function mayTry(): boolean {
  if (attempts === ATTEMPTS) return false;
  attempts += 1;
  if (attempts < ATTEMPTS) return true;
  void writer.write(NOTHING).then(() => {
    attempts = 0;
  });
  return false;
}
