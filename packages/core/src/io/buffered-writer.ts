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
   * Bytes of a block, and the most that are held: an integer of at least 1.
   *
   * @default {65536}
   */
  readonly size?: number | undefined;
}

/**
 * A writer that collects small writes into blocks of `size` bytes. Go calls it `bufio.Writer`.
 *
 * A write resolves once its bytes are in the block. A full block is written at once, and the next write waits for that. Bytes that do not fill
 * a block are written by `flush()`, `close()` and `finish()`. A write of a block or more goes straight to `writer` where nothing is held.
 *
 * It takes over `writer`: from now on write and close only what is returned here.
 *
 * @throws {TypeError} If `writer` is not a `Writer`, or `size` not a number.
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
 * What {@link bufferedWriter} returns. Calls may overlap and are taken in their order.
 *
 * An error of the writer underneath may come after the write whose bytes it concerns has resolved. It rejects the operations that wait, else the
 * next one, and all later ones. If it comes after `close()`, and `finish()` was not called, it is an unhandled rejection.
 */
export class BufferedWriter implements Writer {
  readonly #writer: Writer;
  readonly #size: number;
  /** Made by the first write. While a block is written, it belongs to the writer underneath. */
  #block: Uint8Array | undefined;
  /** Bytes in the block. */
  #filled = 0;
  /** The write of the block in progress. Never rejects. */
  #draining: Promise<void> | undefined;
  /** What the writer underneath has failed with. Set once. */
  #failure: { readonly reason: unknown } | undefined;
  /** Whether a caller has got that error, or will. */
  #reported = false;
  /** Held by the call that is served. */
  readonly #turns = new Mutex();
  #closing: OwnClosing | undefined;
  /** The close of the writer underneath, behind all that was written before. Never rejects. */
  #ending: Promise<void> | undefined;
  /** Ends what waits for the block at a close with an error. */
  readonly #interruption = new Interruption();
  /** Made when it is first asked for. */
  #latch: Latch | undefined;

  /** @internal */
  constructor(writer: Writer, size: number) {
    this.#writer = writer;
    this.#size = size;
  }

  /** Bytes that are held and not written yet. */
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
   * Writes all of `bytes`: see {@link Writer.write}. The array is copied and may be reused when this has resolved.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or its memory is detached or shrunk, or an option is of the wrong type.
   * @throws `signal.reason` if the signal is, or becomes, aborted. `progress.bytes` of these bytes stay accepted.
   * @throws {ClosedPipeError} If this writer is closed.
   * @throws The error of the writer underneath, the same object.
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
        // A write of nothing tells whether the writer underneath is closed, where that is known at once.
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

  /** Accepts what fits into the block without waiting, and returns its length. */
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
   * Writes what is held, and resolves once the writer underneath has accepted it. Go calls it `Flush`.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is, or becomes, aborted. The block goes on to be written.
   * @throws {ClosedPipeError} If this writer was closed with an error.
   * @throws The error of the writer underneath, the same object.
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

  /** Writes what is held, behind the writes issued before, and closes the writer underneath. Never throws, never waits. */
  close(): void {
    if (this.#closing !== undefined) return;
    this.#shut({});
    this.#ending = this.#end(() => this.#writer.close());
    void this.#ending.then(() => {
      // Nobody else would hear of it: the bytes were accepted, and are lost.
      if (this.#failure === undefined || this.#reported || isLeaving(this.#failure.reason)) return;
      throw this.#failure.reason;
    });
  }

  /** As {@link close}, and resolves once the writer underneath has finished. Rejects with its error, or with `signal.reason`. */
  async finish(options?: WaitOptions): Promise<void> {
    const signal = signalOf(options);
    this.close();
    this.#reported = true;
    await unlessAborted(this.#ending as Promise<void>, signal);
    this.#requireOpen("finish", this.#cutBy);
    await this.#writer.finish?.(options);
  }

  /**
   * Ends the stream with an error: the writes that wait are rejected with a `ClosedPipeError`; what was accepted is written, and then the
   * writer underneath is closed with `error`.
   */
  closeWithError(error: unknown): void {
    if (this.#closing !== undefined) return;
    this.#shut({ cause: error });
    this.#interruption.interrupt();
    this.#reported = true; // The stream has failed already, and its caller knows why.
    if (this.#filled === 0) this.#writer.closeWithError(error);
    else this.#ending = this.#end(() => this.#writer.closeWithError(error));
  }

  /** As {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #shut(closing: OwnClosing): void {
    this.#closing = closing;
    this.#latch?.open();
  }

  /** Whether bytes can be put into the block now. */
  get #isReady(): boolean {
    const isShut = this.#closing !== undefined || this.#failure !== undefined;
    return !isShut && this.#draining === undefined && !this.#turns.locked;
  }

  /** The close that rejects also what was issued before. */
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

  /** Writes the block, unless that is in progress. */
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

  /** Waits until the block is written, or no longer is to be waited for. */
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

  /** Closes the writer underneath in turn, when the rest is written. Never rejects. */
  async #end(close: () => void): Promise<void> {
    const turn = await this.#turns.lock();
    if (this.#filled > 0) await this.#drain();
    turn.unlock();
    if (this.#failure === undefined) close();
    else this.#writer.closeWithError(this.#failure.reason);
  }
}

/** A write goes on, and its array must have the memory that it had at the call. */
function requireLength(bytes: Uint8Array, length: number): void {
  if (bytes.length >= length) return;
  throw new TypeError(
    "Cannot continue the write: its array was detached or shrunk while it waited; keep the array until the write settles",
  );
}
