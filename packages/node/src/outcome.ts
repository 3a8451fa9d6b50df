import { finished, type Writable } from "node:stream";
import { type Abortable, listen, unlisten } from "@pipe512/core/adapter";
import { nextIteration } from "./next-iteration.ts";

/** Settles a pending `finish()`. */
interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Tracks how the stream of a writer ends. Its error always surfaces (PIPE-017): the pending call or the next one
 * rejects with it, by {@link take}. If the writer is closed and no call does, the error becomes an uncaught exception.
 */
export class Outcome {
  readonly #stream: Writable;
  readonly #onSettled: () => void;
  readonly #waiting: Set<Waiting> = new Set();
  /** How the stream has ended. `isPremature` means that it was destroyed without an error before its end. Set once. */
  #end: { readonly error?: unknown; readonly isPremature?: boolean } | undefined;
  /** An error that no call has rejected with yet. */
  #untaken: { readonly error: unknown } | undefined;
  /**
   * Whether the writer is closed, and whether it was closed with an error. Such an error comes back as the stream's
   * own.
   */
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

  /** Returns the error of the stream, if any. The caller must reject with it. */
  take(): unknown {
    const error = this.#stream.errored ?? this.#end?.error;
    if (error) this.#untaken = undefined;
    return error;
  }

  /** Call this when the writer is closed. */
  close(): void {
    this.#isClosed = true;
    this.#surfaceLater();
  }

  /** Call this when the writer is closed with an error, before the stream is destroyed with it. */
  fail(): void {
    this.#isClosed = true;
    this.#isFailed = true;
  }

  /**
   * Resolves once the stream has finished.
   *
   * @param refusal Makes the error if the stream was destroyed without one.
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

  /** Waits for one iteration of the event loop: a call made or rejected in it can still take the error. */
  #surfaceLater(): void {
    if (this.#untaken === undefined) return;
    nextIteration(() => {
      const untaken = this.#untaken;
      this.#untaken = undefined;
      // Another `error` listener has handled it.
      if (untaken !== undefined && this.#stream.listenerCount("error") === 1) throw untaken.error;
    });
  }
}
