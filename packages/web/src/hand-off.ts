import { isWatched } from "@pipe512/core/adapter";

/** The readable side of two streams over one pipe, while it waits for bytes here and not at the pipe. */
export interface Taker {
  /**
   * Takes a chunk past the pipe, and returns whether it did: all of it or nothing. Where it returns false, it waits at the pipe from then on.
   *
   * @param given Whether the array was transferred, and may be taken instead of a copy.
   */
  take(bytes: Uint8Array, given: boolean): boolean;
}

/**
 * Where the two streams meet that own both ends of a pipe. While a taker is here the pipe is empty and no read waits in it, so a chunk that is
 * written may go to the taker at once. That saves a write and a read that waits in the pipe, a promise and an operation each.
 */
export interface HandOff {
  /** Set and cleared by the taker alone, with each change of its state. */
  taker: Taker | undefined;
}

/** A meeting place for the streams of a pipe that is made now. While diagnostics watch there is none: the pipe must see each byte and each wait. */
export function newHandOff(): HandOff | undefined {
  return isWatched() ? undefined : { taker: undefined };
}
