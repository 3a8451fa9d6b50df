import { abortController } from "../platform.ts";
import { type AbortListener, type Abortable, listen, unlisten } from "../signal.ts";
import type { ChunkOptions, Reader } from "../types.ts";

type Step = Promise<IteratorResult<Uint8Array, undefined>>;

/** The abort reason for pending steps when the consumer leaves the loop. */
const LEFT: unique symbol = Symbol("left");

/** An iteration over the chunks of a reader. */
export class Iteration implements AsyncIterableIterator<Uint8Array>, AbortListener {
  readonly #reader: Pick<Required<Reader>, "readChunk"> & Reader;
  readonly #preventClose: boolean;
  /** Aborts the pending steps. */
  readonly #leaving = abortController();
  readonly #options: ChunkOptions;
  /** Cleared when the iteration ends. */
  #signal: Abortable | undefined;
  /** Whether the pending steps were aborted. */
  #left = false;
  /** Whether a step must still reject with the reason of the signal. */
  #unreported = false;

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
      if (!this.#left || this.#unreported) {
        this.#leave(LEFT);
        throw error;
      }
    }
    return { done: true, value: undefined };
  }

  /** The consumer leaves the loop: pending steps report the end, and the reader is closed unless `preventClose` is set. */
  async return(): Step {
    this.#leave(LEFT);
    if (!this.#preventClose) this.#reader.close();
    return { done: true, value: undefined };
  }

  /** The signal was aborted: the pending step rejects with its reason, or the next step if none is pending. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    this.#leave(reason);
    this.#unreported = true;
    if (!this.#preventClose) this.#reader.closeWithError(reason);
  }

  #leave(reason: unknown): void {
    this.#finish();
    this.#left = true;
    this.#unreported = false;
    this.#leaving.abort(reason);
  }

  #finish(): void {
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#signal = undefined;
  }
}
