import { finished, type Writable } from "node:stream";
import { type Abortable, listen, unlisten } from "@pipe512/core/adapter";
import { nextIteration } from "./next-iteration.ts";

/** How a `finish()` that waits settles. */
interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * How a stream that a writer writes to ends. An error of it reaches a caller (PIPE-017): the pending call or the next one, which
 * {@link take} the error, or else, once the writer is closed, the process as an uncaught exception.
 */
export class Outcome {
  readonly #stream: Writable;
  readonly #onSettled: () => void;
  readonly #waiting: Set<Waiting> = new Set();
  /** How the stream has ended: with an error, or without one. Destroyed without an error it has `isPremature`. Set once. */
  #end: { readonly error?: unknown; readonly isPremature?: boolean } | undefined;
  /** An error that no call was rejected with. */
  #untaken: { readonly error: unknown } | undefined;
  /** Whether the writer is closed, and whether it was with an error, which the stream then has for its own. */
  #isClosed = false;
  #isFailed = false;

  constructor(stream: Writable, onSettled: () => void) {
    this.#stream = stream;
    this.#onSettled = onSettled;
    stream.on("error", (error: unknown) => this.#note(error));
    const stop = finished(stream, { readable: false }, (error) => {
      stop();
      if (!error) this.#settle({});
      else if (error.code === "ERR_STREAM_PREMATURE_CLOSE") this.#settle({ isPremature: true });
      else {
        this.#note(error);
        this.#settle({ error });
      }
    });
  }

  /** The error of the stream, if it has one, for a call that is rejected with it. */
  take(): unknown {
    const error = this.#stream.errored ?? this.#end?.error;
    if (error) this.#untaken = undefined;
    return error;
  }

  /** The writer is closed. */
  close(): void {
    this.#isClosed = true;
    this.#surfaceLater();
  }

  /** The writer is closed with an error, which the stream is destroyed with. */
  fail(): void {
    this.#isClosed = true;
    this.#isFailed = true;
  }

  /**
   * Resolves once the stream has finished.
   *
   * @param refusal Makes the error for a stream that was destroyed without one.
   */
  wait(signal: Abortable | undefined, refusal: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        resolve: () => {
          stop();
          if (this.#end?.isPremature) reject(refusal());
          else resolve();
        },
        reject: (error) => {
          stop();
          reject(error);
        },
      };
      const listener = { handleEvent: () => waiting.reject(signal?.reason) };
      const stop = (): void => {
        this.#waiting.delete(waiting);
        if (signal !== undefined) unlisten(signal, listener);
      };
      this.#waiting.add(waiting);
      if (this.#end !== undefined) this.#tell();
      else if (signal !== undefined) listen(signal, listener);
    });
  }

  #note(error: unknown): void {
    if (this.#isFailed) return;
    this.#untaken ??= { error };
    if (this.#isClosed) this.#surfaceLater();
  }

  #settle(end: { readonly error?: unknown; readonly isPremature?: boolean }): void {
    this.#end = end;
    this.#onSettled();
    this.#tell();
  }

  #tell(): void {
    for (const waiting of this.#waiting) {
      const error = this.take();
      if (error) waiting.reject(error);
      else waiting.resolve();
    }
  }

  /** A call that follows in the same iteration of the event loop, or is rejected in it, is the one that takes the error. */
  #surfaceLater(): void {
    if (this.#untaken === undefined) return;
    nextIteration(() => {
      const untaken = this.#untaken;
      this.#untaken = undefined;
      // Another listener for `error` has got it.
      if (untaken !== undefined && this.#stream.listenerCount("error") === 1) throw untaken.error;
    });
  }
}
