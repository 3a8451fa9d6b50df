import { isBytes, requireBytes } from "../bytes.ts";
import { DEFAULT_MAX_BYTES, progressOf, requireInteger, signalOf } from "../options.ts";
import { settled, spend } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { requireWriter } from "../requirement.ts";
import type { Abortable } from "../signal.ts";
import { Mutex } from "../sync/mutex.ts";
import type { WaitOptions, WriteOptions, Writer } from "../types.ts";
import { unlessAborted } from "./aborted.ts";
import { isLeaving, type OwnClosing, ownClosedError } from "./closed-end.ts";
import { Interruption } from "./interruption.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link bufferedWriter}. */
export interface BufferedWriterOptions {
  /**
   * The size of a block in bytes: an integer of at least 1. The writer holds at most one block.
   *
   * @default {65536}
   */
  readonly size?: number | undefined;
}

/**
 * Makes a writer that collects small writes into blocks of `size` bytes. It corresponds to Go's `bufio.Writer`.
 *
 * A write resolves once its bytes are in the block. A full block is written at once, and the next write waits for that. An
 * incomplete block is written by `flush()`, `close()` and `finish()`. If the block is empty, a write of at least `size` bytes
 * goes to `writer` directly.
 *
 * From now on, use only the returned writer, and not `writer`.
 *
 * @throws {TypeError} If `writer` is not a `Writer`, or `size` is not a number.
 * @throws {RangeError} If `size` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((reader) => readText(reader));
 * const out = bufferedWriter(writer, { size: 4096 });
 * for (let n = 0; n < 1000; n++) await writeText(out, `${n}\n`);
 * await out.finish();
 * console.log((await result).length); // 3890
 * ```
 */
export function bufferedWriter(writer: Writer, options?: BufferedWriterOptions): BufferedWriter {
  requireWriter(writer);
  const size = options?.size ?? DEFAULT_MAX_BYTES;
  requireInteger("size", size, 1);
  return new BufferedWriter(writer, size);
}

/**
 * The writer that {@link bufferedWriter} returns. Calls may overlap, and are served in order.
 *
 * The underlying writer may fail after the write that passed the bytes has resolved. Pending calls then reject with its
 * error, or the next call if none is pending, and so do all later calls. If it fails after `close()` and `finish()` was not
 * called, its error is an unhandled rejection.
 */
export class BufferedWriter implements Writer {
  readonly #writer: Writer;
  readonly #size: number;
  /** Created by the first write. While the block is written, the underlying writer uses it. */
  #block: Uint8Array | undefined;
  /** Number of bytes in the block. */
  #filled = 0;
  /** The pending write of the block. Never rejects. */
  #draining: Promise<void> | undefined;
  /** The error of the underlying writer. Set once. */
  #failure: { readonly reason: unknown } | undefined;
  /** Whether a caller has received that error, or will. */
  #reported = false;
  /** Held by one call at a time. */
  readonly #turns = new Mutex();
  #closing: OwnClosing | undefined;
  /** The close of the underlying writer, after all earlier writes. Never rejects. */
  #ending: Promise<void> | undefined;
  /** Ends waits for the block at a close with an error. */
  readonly #interruption = new Interruption();
  /** Created at the first access of `closed`. */
  #latch: Latch | undefined;

  /** @internal */
  constructor(writer: Writer, size: number) {
    this.#writer = writer;
    this.#size = size;
  }

  /** Number of bytes in the block, which are not written yet. */
  get buffered(): number {
    return this.#filled;
  }

  /** Resolves as soon as a new write would fail. Never rejects. */
  get closed(): Promise<void> {
    if (this.#latch === undefined) {
      const latch = new Latch();
      this.#latch = latch;
      void this.#writer.closed?.then(() => latch.open());
      if (this.#closing !== undefined || this.#failure !== undefined) latch.open();
    }
    return this.#latch.promise;
  }

  /**
   * Writes all of `bytes`, as {@link Writer.write}. The array may be reused once the promise has resolved.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`.
   * @throws {TypeError} If the buffer of `bytes` is detached or shrunk, before the call or while the write is pending.
   * @throws {TypeError} If an option has the wrong type.
   * @throws `signal.reason` if the signal is or becomes aborted. `progress.bytes` bytes stay accepted.
   * @throws {ClosedPipeError} If this writer is closed.
   * @throws The error of the underlying writer, as the same object.
   */
  write(bytes: Uint8Array, options?: WriteOptions): Promise<number> {
    if (options === undefined && isBytes(bytes) && bytes.length > 0 && this.#isReady) {
      const { length } = bytes;
      if (length < this.#size && length <= this.#size - this.#filled) {
        this.#append(bytes, 0, length);
        return settled(length, length);
      }
    }
    return this.#write(bytes, options);
  }

  async #write(bytes: Uint8Array, options: WriteOptions | undefined): Promise<number> {
    const { length } = requireBytes(bytes, "write");
    const signal = signalOf(options);
    const progress = progressOf(options) ?? { bytes: 0 };
    if (signal?.aborted) throw signal.reason;
    this.#requireOpen("write", this.#closing);
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock(options));
    try {
      for (let at = 0; ; progress.bytes = at) {
        this.#requireOpen("write", this.#cutBy);
        if (at === length && length > 0) return await settled(length, length);
        // A write of 0 bytes reports whether the underlying writer is closed, if the block is empty.
        if (length === 0)
          return await (this.#filled === 0 ? this.#writeThrough(bytes, options, progress, 0) : 0);
        if (this.#draining !== undefined) {
          await this.#drained(this.#draining, signal);
          continue;
        }
        requireLength(bytes, length);
        if (this.#filled === 0 && length - at >= this.#size) {
          at += await this.#writeThrough(bytes.subarray(at, length), options, progress, at);
        } else {
          const count = Math.min(this.#size - this.#filled, length - at);
          this.#append(bytes, at, at + count);
          at += count;
        }
      }
    } finally {
      turn.unlock();
    }
  }

  /** Accepts as many bytes as fit into the block without waiting, and returns their number. */
  tryWrite(bytes: Uint8Array): number {
    const { length } = requireBytes(bytes, "write");
    this.#requireOpen("write", this.#closing);
    if (!this.#isReady) return 0;
    const count = Math.min(this.#size - this.#filled, length);
    if (count > 0) this.#append(bytes, 0, count);
    spend(count);
    return count;
  }

  /**
   * Writes the block, and resolves once the underlying writer has accepted it. It corresponds to Go's `Flush`.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted. The write of the block continues.
   * @throws {ClosedPipeError} If this writer was closed with an error.
   * @throws The error of the underlying writer, as the same object.
   */
  async flush(options?: WaitOptions): Promise<void> {
    const signal = signalOf(options);
    if (signal?.aborted) throw signal.reason;
    const turn = await this.#turns.lock(options);
    try {
      this.#requireOpen("flush", this.#cutBy);
      if (this.#filled > 0) await this.#drained(this.#drain(), signal);
      this.#requireOpen("flush", this.#cutBy);
      await settled(undefined, 0);
    } finally {
      turn.unlock();
    }
  }

  /** Writes the block after all earlier writes, then closes the underlying writer. It neither throws nor waits. */
  close(): void {
    if (this.#closing !== undefined) return;
    this.#shut({});
    this.#ending = this.#end(() => this.#writer.close());
    void this.#ending.then(() => {
      // Accepted bytes are lost and no call is left to reject, so the error becomes an unhandled rejection.
      if (this.#failure === undefined || this.#reported || isLeaving(this.#failure.reason)) return;
      throw this.#failure.reason;
    });
  }

  /** As {@link close}, and resolves once the underlying writer has finished. Rejects with its error, or with `signal.reason`. */
  async finish(options?: WaitOptions): Promise<void> {
    const signal = signalOf(options);
    this.close();
    this.#reported = true;
    await unlessAborted(this.#ending as Promise<void>, signal);
    this.#requireOpen("finish", this.#cutBy);
    await this.#writer.finish?.(options);
  }

  /**
   * Ends the stream with an error: pending writes reject with a `ClosedPipeError`. The accepted bytes are written, then the
   * underlying writer is closed with `error`.
   */
  closeWithError(error: unknown): void {
    if (this.#closing !== undefined) return;
    this.#shut({ cause: error });
    this.#interruption.interrupt();
    this.#reported = true; // The caller has already failed the stream, so a later error need not be reported.
    if (this.#filled === 0) this.#writer.closeWithError(error);
    else this.#ending = this.#end(() => this.#writer.closeWithError(error));
  }

  /** Calls {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #shut(closing: OwnClosing): void {
    this.#closing = closing;
    this.#latch?.open();
  }

  /** Whether a write can append to the block without waiting. */
  get #isReady(): boolean {
    const isShut = this.#closing !== undefined || this.#failure !== undefined;
    return !isShut && this.#draining === undefined && !this.#turns.locked;
  }

  /** The close, if it was one with an error, which also rejects pending calls. */
  get #cutBy(): OwnClosing | undefined {
    return this.#closing !== undefined && "cause" in this.#closing ? this.#closing : undefined;
  }

  #requireOpen(operation: string, closing: OwnClosing | undefined): void {
    if (closing !== undefined) throw ownClosedError("writer", operation, closing);
    if (this.#failure === undefined) return;
    this.#reported = true;
    throw this.#failure.reason;
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    this.#block ??= new Uint8Array(this.#size);
    this.#block.set(to - from === bytes.length ? bytes : bytes.subarray(from, to), this.#filled);
    this.#filled += to - from;
    if (this.#filled === this.#size) void this.#drain();
  }

  /** Starts to write the block, or returns the pending write of it. */
  #drain(): Promise<void> {
    this.#draining ??= this.#writeBlock(this.#block as Uint8Array);
    return this.#draining;
  }

  async #writeBlock(block: Uint8Array): Promise<void> {
    try {
      await writeWhole(this.#writer, block.subarray(0, this.#filled));
      this.#filled = 0;
    } catch (error) {
      this.#fail(error);
    }
    this.#draining = undefined;
  }

  /** Waits until the block is written, an abort, or a close with an error. */
  #drained(draining: Promise<void>, signal: Abortable | undefined): Promise<void> {
    return unlessAborted(this.#interruption.wait(draining), signal);
  }

  async #writeThrough(
    bytes: Uint8Array,
    options: WriteOptions | undefined,
    progress: { bytes: number },
    at: number,
  ): Promise<number> {
    const written = { bytes: 0 };
    try {
      return await writeWhole(this.#writer, bytes, { signal: options?.signal, progress: written });
    } catch (error) {
      progress.bytes = at + written.bytes;
      const signal = signalOf(options);
      if (!signal?.aborted || error !== signal.reason) {
        this.#fail(error);
        this.#reported = true;
      }
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { reason: error };
    this.#filled = 0;
    this.#latch?.open();
  }

  /** Closes the underlying writer after the earlier calls and the rest of the block. Never rejects. */
  async #end(close: () => void): Promise<void> {
    const turn = await this.#turns.lock();
    if (this.#filled > 0) await this.#drain();
    turn.unlock();
    if (this.#failure === undefined) close();
    else this.#writer.closeWithError(this.#failure.reason);
  }
}

/** @throws {TypeError} If the array of a pending write was detached or has shrunk since the call. */
function requireLength(bytes: Uint8Array, length: number): void {
  if (bytes.length >= length) return;
  throw new TypeError("Cannot continue the write: its array was detached or shrunk while it waited");
}
