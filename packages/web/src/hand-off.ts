import { isWatched } from "@pipe512/core/adapter";

/** The readable side of a `pipeStream()`, while it waits for a direct hand-off and not for the pipe. */
export interface Taker {
  /**
   * Takes a whole chunk without the pipe, and returns whether it did. After `false` it waits for the pipe.
   *
   * @param given Whether ownership of the array was transferred, so that it need not be copied.
   */
  take(bytes: Uint8Array, given: boolean): boolean;
}

/**
 * Connects two streams that own both ends of a pipe. While `taker` is set, the pipe is empty and no read is pending in
 * it, so a written chunk may go to the taker directly. That saves a write and a pending read of the pipe.
 */
export interface HandOff {
  /** Set and cleared only by the taker, when its state changes. */
  taker: Taker | undefined;
}

/**
 * Makes the hand-off of a new pipe; `undefined` while diagnostics watch, because the pipe must then count each byte and
 * each wait.
 */
export function newHandOff(): HandOff | undefined {
  return isWatched() ? undefined : { taker: undefined };
}
