import type { Callback } from "./callbacks.ts";
import { nextIteration } from "./next-iteration.ts";

/**
 * Passes on that a duplex was destroyed. Without an error it does so in the next iteration of the event loop, and the stream closes
 * then: a loop that is left because of an error first destroys its stream without one, and the error follows with `destroy(error)`, unless
 * the stream has closed by then (NODE-004).
 */
export class Parting {
  readonly #tell: (error: Error | null) => void;
  #callback: Callback | undefined;

  constructor(tell: (error: Error | null) => void) {
    this.#tell = tell;
  }

  /**
   * @param callback What Node gives `_destroy()` to call back.
   * @param atOnce Whether no error can follow that matters.
   */
  begin(error: Error | null, callback: Callback, atOnce: boolean): void {
    if (error !== null || atOnce) {
      callback(error);
      this.#tell(error);
    } else {
      this.#callback = callback;
      nextIteration(() => this.again(null));
    }
  }

  /** The stream is destroyed once more, which Node ignores. */
  again(error: Error | null): void {
    const callback = this.#callback;
    this.#callback = undefined;
    if (callback === undefined) return;
    callback();
    this.#tell(error);
  }
}
