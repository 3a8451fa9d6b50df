import type { Writable } from "node:stream";
import { PIPE_CAPACITY, type Writer } from "@pipe512/core";
import { ForeignCount, waits, writeWhole } from "@pipe512/core/adapter";
import { type Callback, tell } from "./callbacks.ts";
import { carriable, destroyed, prematureClose } from "./errors.ts";
import { afterConsequences, isTurnOver, laterTurn } from "./fairness.ts";
import type { Writing } from "./halves.ts";
import type { ReadingHalf } from "./reading-half.ts";

const NOTHING = new Uint8Array(0);

/**
 * The writing half of a stream over any `Writer`. It handles one write at a time, and always calls its callback exactly
 * once.
 */
export class WritingHalf implements Writing {
  readonly #stream: Writable;
  readonly #writer: Writer;
  readonly #options: { readonly transfer: true } | undefined;
  readonly #counts: ForeignCount = new ForeignCount("write");
  /** Whether this writer does not report its own waits to diagnostics. */
  readonly #isForeign: boolean;
  /** The array and the callback of the pending write. Set by {@link #wait}, cleared by {@link #settle}. */
  #chunk: Uint8Array = NOTHING;
  #callback: Callback | undefined;
  #endWait: (() => void) | undefined;

  readonly #onWritten = (count: unknown): void => {
    const { length } = this.#chunk;
    if (count === length || this.#callback === undefined) this.#settle();
    else this.#writeRest(count, length);
  };
  readonly #onError = (error: unknown): void => {
    const told = carriable(error);
    const settle = (): void => this.#settle(told);
    // A destroyed stream emits `close` first: `finished()` would report an earlier callback error as the stream's own.
    if (this.#stream.destroyed) process.nextTick(settle);
    // If the other end closed without an error, the error that caused it often arrives shortly after on another path.
    else if (isPlainClose(error)) afterConsequences(settle);
    else settle();
  };

  /**
   * The reading half of the same stream. As with a socket, its data is delivered before the error of an idle writer.
   */
  readonly #reading: ReadingHalf | undefined;

  constructor(stream: Writable, writer: Writer, transfer: boolean | undefined, reading?: ReadingHalf) {
    this.#reading = reading;
    this.#stream = stream;
    this.#writer = writer;
    this.#options = transfer === true ? { transfer } : undefined;
    this.#isForeign = !("bytesWritten" in writer);
  }

  write(chunk: Uint8Array, callback: Callback): void {
    const { length } = chunk;
    let accepted = 0;
    try {
      // A chunk longer than the pipe must wait anyway. It can be transferred whole only if no part was accepted before.
      if (length <= PIPE_CAPACITY) accepted = this.#writer.tryWrite?.(chunk, this.#options) ?? 0;
      if (accepted !== 0) this.#counts.check(accepted, length);
    } catch (error) {
      this.#callback = callback;
      // An empty chunk leaves the stream writable, so its error is reported at once, before the caller continues.
      if (length === 0) this.#settle(carriable(error));
      else this.#onError(error);
      return;
    }
    if (accepted < length) this.#wait(accepted === 0 ? chunk : chunk.subarray(accepted), callback);
    else if (isTurnOver(length)) laterTurn(callback);
    else callback();
  }

  end(callback: Callback): void {
    if (this.#writer.finish !== undefined) {
      void this.#finish(callback);
      return;
    }
    this.#writer.close();
    callback();
  }

  /**
   * A clean end before this stays clean, because only the first close counts. The pending write is called back here: a
   * writer would report only that it was closed, and a foreign one may not settle its writes.
   */
  stopWriting(error: Error | null): void {
    if (this.#callback !== undefined) process.nextTick(() => this.#settle(error ?? destroyed("write")));
    this.#writer.closeWithError(error ?? prematureClose());
  }

  /** Destroys the stream if a write rejects, with the error of that write. */
  probe(): void {
    if (this.#reading === undefined) this.#probe();
    else this.#reading.whenDrained(() => this.#probe());
  }

  #probe(): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#writer.write(NOTHING).catch((error: unknown) => {
      const destroy = (): void => void this.#stream.destroy(carriable(error));
      if (isPlainClose(error)) afterConsequences(destroy);
      else destroy();
    });
  }

  async #finish(callback: Callback): Promise<void> {
    let failure: Error | undefined;
    try {
      await this.#writer.finish?.();
    } catch (error) {
      failure = carriable(error);
    }
    callback(failure);
  }

  #wait(chunk: Uint8Array, callback: Callback): void {
    this.#chunk = chunk;
    this.#callback = callback;
    if (this.#isForeign) {
      const waitsFor = `for ${chunk.length} bytes to be accepted`;
      this.#endWait = waits(this.#stream, { side: "writer", operation: "write", waitsFor });
    }
    this.#writer.write(chunk, this.#options).then(this.#onWritten, this.#onError);
  }

  /** A foreign writer has accepted only `count` bytes. */
  #writeRest(count: unknown, length: number): void {
    try {
      const accepted = this.#counts.check(count, length);
      const rest = this.#chunk.subarray(accepted);
      writeWhole(this.#writer, rest, this.#options).then(() => this.#settle(), this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  #settle(error?: Error): void {
    const callback = this.#callback;
    this.#callback = undefined;
    this.#chunk = NOTHING;
    this.#endWait?.();
    this.#endWait = undefined;
    if (callback === undefined) return;
    if (error === undefined) callback();
    else tell(this.#stream, callback, error);
  }
}

/** Whether the reader was closed without an error. */
function isPlainClose(error: unknown): boolean {
  const { code, side } = Object(error) as { code?: unknown; side?: unknown };
  return code === "ERR_CLOSED_PIPE" && side === "reader";
}
