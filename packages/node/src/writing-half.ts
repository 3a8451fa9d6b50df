import type { Writable } from "node:stream";
import { PIPE_CAPACITY, type Writer } from "@pipe512/core";
import type { Callback } from "./callbacks.ts";
import { carriable, destroyed, prematureClose } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";

const NOTHING = new Uint8Array(0);

/** What a stream that is written does with its writer: one write at a time, whose callback runs once and in any case. */
export class WritingHalf {
  readonly #stream: Writable;
  readonly #writer: Writer;
  readonly #options: { readonly transfer: true } | undefined;
  /** Calls back the write that waits. Set by {@link write}, taken by {@link #settle}. */
  #waiting: Callback | undefined;

  readonly #onWritten = (): void => this.#settle(null);
  readonly #onError = (error: unknown): void => {
    const told = carriable(error);
    // A stream that is destroyed says first that it has closed: `finished()` would take what comes before for its error.
    if (this.#stream.destroyed) process.nextTick(() => this.#settle(told));
    else this.#settle(told);
  };

  constructor(stream: Writable, writer: Writer, transfer: boolean | undefined) {
    this.#stream = stream;
    this.#writer = writer;
    this.#options = transfer === true ? { transfer } : undefined;
  }

  write(chunk: Uint8Array, callback: Callback): void {
    const { length } = chunk;
    let accepted = 0;
    try {
      // What is longer than a pipe holds waits in any case, and is handed over whole if none of it was taken before.
      if (length <= PIPE_CAPACITY) accepted = this.#writer.tryWrite?.(chunk, this.#options) ?? 0;
    } catch (error) {
      callback(carriable(error));
      return;
    }
    if (accepted < length) this.#wait(accepted === 0 ? chunk : chunk.subarray(accepted), callback);
    else if (isTurnOver(length)) laterTurn(callback);
    else callback();
  }

  /** The stream has ended, and its writes are done. */
  end(): void {
    this.#writer.close();
  }

  /**
   * The stream is destroyed, and will tell that it has closed: an end that came before stays clean, since the first close
   * counts. The write that waits is told why here, since a writer says only that it was closed, and somebody's own may forget
   * to; but not where it `isRefused`, since the reader has gone before: then the writer tells that.
   */
  close(error: Error | null, isRefused = false): void {
    const callback = this.#waiting;
    if (callback !== undefined && !isRefused) {
      this.#waiting = undefined;
      process.nextTick(callback, error ?? destroyed("write"));
    }
    this.#writer.closeWithError(error ?? prematureClose());
  }

  /** Destroys the stream with what a write is rejected with, if it is. */
  probe(): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#writer.write(NOTHING).catch((error: unknown) => this.#stream.destroy(carriable(error)));
  }

  #wait(chunk: Uint8Array, callback: Callback): void {
    this.#waiting = callback;
    this.#writer.write(chunk, this.#options).then(this.#onWritten, this.#onError);
  }

  #settle(error: Error | null): void {
    const callback = this.#waiting;
    this.#waiting = undefined;
    callback?.(error);
  }
}
