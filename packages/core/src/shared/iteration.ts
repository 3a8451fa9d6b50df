import { abortController } from "../platform.ts";
import { type AbortListener, type Abortable, listen, unlisten } from "../signal.ts";
import type { ChunkOptions, Reader } from "../types.ts";

type Step = Promise<IteratorResult<Uint8Array, undefined>>;

/** What the steps that wait are given up with when the consumer leaves. */
const LEFT: unique symbol = Symbol("left");

/** An iteration over the chunks of a reader. */
export class Iteration implements AsyncIterableIterator<Uint8Array>, AbortListener {
  readonly #reader: Pick<Required<Reader>, "readChunk"> & Reader;
  readonly #preventClose: boolean;
  /** Gives up the steps that wait. */
  readonly #leaving = abortController();
  readonly #options: ChunkOptions;
  /** Listened to until the end. */
  #signal: Abortable | undefined;
  /** Whether the steps that wait were given up. */
  #left = false;
  /** Whether the abort of the signal is still to be told by a step. */
  #untold = false;

  constructor(
    reader: Pick<Required<Reader>, "readChunk"> & Reader,
    maxBytes: number,
    preventClose: boolean,
    signal: Abortable | undefined,
  ) {
    this.#reader = reader;
    this.#preventClose = preventClose;
    this.#signal = signal;
    this.#options = { maxBytes, signal: this.#leaving.signal };
    if (signal?.aborted) this.handleEvent();
    else if (signal !== undefined) listen(signal, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Step {
    try {
      const value = await this.#reader.readChunk(this.#options);
      if (value !== null) return { done: false, value };
      this.#finish();
    } catch (error) {
      if (!this.#left || this.#untold) {
        this.#leave(LEFT);
        throw error;
      }
    }
    return { done: true, value: undefined };
  }

  /** The consumer leaves: a step that waits is done, and the reader is closed unless that was prevented. */
  async return(): Step {
    this.#leave(LEFT);
    if (!this.#preventClose) this.#reader.close();
    return { done: true, value: undefined };
  }

  /** The signal was aborted: the step that waits is rejected with its reason, or else the next one. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    this.#leave(reason);
    this.#untold = true;
    if (!this.#preventClose) this.#reader.closeWithError(reason);
  }

  #leave(reason: unknown): void {
    this.#finish();
    this.#left = true;
    this.#untold = false;
    this.#leaving.abort(reason);
  }

  #finish(): void {
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#signal = undefined;
  }
}
