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

/** Bytes that count as one operation, as in the pipes' own budget. */
const OPERATION_BYTES = 4096;

/** Resolves when all large copies so far had their turn. */
let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * Resolves when it is time to copy so many bytes. A large copy takes as long as hundreds of operations, and no pipe counts it. So
 * it is counted here, and the large copies of all streams go one after the other, each when the budget has time left.
 */
export function turnToCopy(bytes: number): Promise<unknown> {
  lastTurn = lastTurn.then(() => {
    for (let counted = 0; counted < bytes; counted += OPERATION_BYTES) writer.tryWrite(NOTHING);
    return writer.write(NOTHING);
  });
  return lastTurn;
}
