/** The side of two streams over one pipe that waits for bytes. */
export interface Taker {
  /**
   * Takes a chunk past the pipe, and returns whether it did: the whole of it or nothing.
   *
   * @param given Whether the array was given away, and may be taken instead of a copy.
   */
  take(bytes: Uint8Array, given: boolean): boolean;
  /** Waits at the pipe from now on. */
  wait(): void;
}

/**
 * Where the two streams of a pipe meet, which own both of its ends. While a consumer waits the pipe is empty, and a chunk that is written
 * may go to it at once: a write and a read that waits in the pipe, a promise and an operation each, are spared.
 */
export interface HandOff {
  /** Who waits, and not at the pipe. Set by the one side, cleared by the other. */
  taker: Taker | undefined;
}

/** Where all copies of `@pipe512/core` look for who watches their pipes, which is `@pipe512/core/diagnostics`. */
const POST = Symbol.for("pipe512.observer.2");

/** A meeting place for the streams of a pipe that is made now. There is none under watch, where the pipe is to see each byte, and who waits for it. */
export function newHandOff(): HandOff | undefined {
  const post = (globalThis as { [POST]?: { readonly observer: unknown } })[POST];
  return post?.observer === undefined ? { taker: undefined } : undefined;
}
