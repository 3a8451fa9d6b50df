import { isBytes, requireBytes } from "../bytes.ts";
import { DEFAULT_MAX_BYTES, maxBytesOf, progressOf, signalOf } from "../options.ts";
import type { ChunkOptions, IterationOptions, Reader, ReadOptions, WaitOptions } from "../types.ts";
import { rejected } from "./budget.ts";
import { INSPECT, inspection } from "./inspection.ts";
import { Iteration } from "./iteration.ts";
import { CHUNK, type Failure, NEXT, VIEW } from "./operation.ts";
import type { Pipe } from "./pipe.ts";

/**
 * The reading end of a pipe. Made by {@link pipe}.
 *
 * Calls may overlap: reads are served in the order of the calls, and each byte is delivered to one of them. If this end is
 * garbage-collected without `close()`, writes reject with an `AbandonedPipeError`.
 *
 * # Closing
 *
 * `close()` drops the bytes in the pipe, and rejects pending and later writes with a `ClosedPipeError`.
 * `closeWithError(e)` rejects them with `e` itself. In both cases this end's own reads reject with a `ClosedPipeError`.
 * Only the first close counts.
 */
export class PipeReader implements Reader {
  readonly #pipe: Pipe;

  /** @internal */
  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Number of bytes that reads have delivered since the start. */
  get bytesRead(): number {
    return this.#pipe.bytesRead;
  }

  /** Resolves as soon as no read can deliver another byte. Never rejects. */
  get closed(): Promise<void> {
    return this.#pipe.readerClosed;
  }

  /** Number of bytes that {@link tryRead} would read now. */
  get available(): number {
    return this.#pipe.available;
  }

  /**
   * Resolves when a read would not wait: there are bytes, the stream has ended, or the pipe is closed. Another read may
   * take the bytes first.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted.
   */
  ready(options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options);
      if (signal?.aborted) throw signal.reason;
      return this.#pipe.ready("reader", this, signal);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Waits for at least one byte and reads the bytes that are then available into `into`. Resolves with their number, or with
   * `null` at the end of the stream. It does not wait until the array is full. A read into an empty array resolves with 0
   * at once, before the end of the stream.
   *
   * A read may span several writes, and a write may feed several reads. (In Go a read does not span writes, because the
   * pipe has no buffer.)
   *
   * @throws {TypeError} If `into` is not a `Uint8Array`.
   * @throws {TypeError} If the buffer of `into` is detached or shrunk, before the call or while the read is pending.
   * @throws {TypeError} If `signal` is not an `AbortSignal`, or `progress` is not an object.
   * @throws `signal.reason` if the signal is or becomes aborted. No byte is lost, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed.
   * @throws {AbandonedPipeError} If the writer was garbage-collected without `close()`, after the accepted bytes.
   * @throws The error that the writer was closed with, as the same object, after the accepted bytes.
   */
  read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    if (options === undefined && isBytes(into) && into.length > 0) {
      return this.#pipe.read(this, into, undefined, undefined);
    }
    try {
      requireBytes(into, "read into");
      const signal = signalOf(options);
      const progress = progressOf(options);
      if (signal?.aborted) throw signal.reason;
      return this.#pipe.read(this, into, signal, progress);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Reads without waiting. Returns the number of bytes read, 0 if {@link read} would wait, or `null` at the end.
   *
   * @throws The errors that {@link read} rejects with.
   */
  tryRead(into: Uint8Array): number | null {
    return this.#pipe.tryRead(requireBytes(into, "read into"));
  }

  /**
   * Waits for at least one byte and resolves with a chunk that the caller owns, or with `null` at the end of the stream. The
   * chunk is a new array with the available bytes, at most `maxBytes`. An array that the writer transferred (`transfer`) is
   * delivered itself, even if it is longer.
   *
   * @throws {TypeError} If `maxBytes` is not a number, or `signal` is not an `AbortSignal`.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   * @throws The errors of {@link read} that do not concern its array.
   */
  readChunk(options?: ChunkOptions): Promise<Uint8Array | null> {
    try {
      const maxBytes = maxBytesOf(options);
      const signal = signalOf(options);
      if (signal?.aborted) throw signal.reason;
      return this.#pipe.readChunk(this, CHUNK, maxBytes, signal) as Promise<Uint8Array | null>;
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * As {@link readChunk} without waiting. Returns `undefined` if `readChunk` would wait, or `null` at the end.
   *
   * @throws The errors that {@link readChunk} rejects with.
   */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined {
    return this.#pipe.tryReadChunk(maxBytesOf(options));
  }

  /**
   * Puts a copy of `bytes` back in front of all unread bytes, so that the next read delivers them first. They may exceed the
   * capacity of 512 bytes, and count as not read. Does nothing once this end is closed.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`.
   * @throws {TypeError} If the buffer of `bytes` is detached or shrunk.
   */
  unread(bytes: Uint8Array): void {
    this.#pipe.unread(requireBytes(bytes, "unread"));
  }

  /** Calls {@link chunks} without options, for `for await (const chunk of reader)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.chunks();
  }

  /**
   * Iterates over chunks that the consumer owns, as {@link readChunk} returns them. Leaving the loop closes this end. With
   * `preventClose` it stays open, and bytes that were not yielded stay readable.
   *
   * @throws {TypeError} If `maxBytes` is not a number, or `signal` is not an `AbortSignal`.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   */
  chunks(options?: IterationOptions & Pick<ChunkOptions, "maxBytes">): AsyncIterableIterator<Uint8Array> {
    return this.#iterate(NEXT, maxBytesOf(options), options);
  }

  /**
   * Iterates over borrowed views, without copying: of the ring, or of the array of the pending write. A view is valid until
   * the next step. Do not write to it, and copy bytes that you need longer.
   *
   * A write whose array is lent settles at the next step, or when the loop is left. Other reads wait until then.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   */
  views(options?: IterationOptions): AsyncIterableIterator<Uint8Array> {
    return this.#iterate(VIEW, DEFAULT_MAX_BYTES, options);
  }

  /**
   * The error that reads reject with because of the writer, if they do.
   *
   * @internal
   */
  get peerFailure(): Failure | undefined {
    return this.#pipe.peerFailure("reader");
  }

  /**
   * Closes this end: the bytes in the pipe are dropped, and pending and later writes reject with a `ClosedPipeError`. It
   * neither throws nor waits. Only the first close counts.
   */
  close(): void {
    this.#pipe.closeReader("closed");
  }

  /** As {@link close}, but writes reject with `error` itself, which may be any value. */
  closeWithError(error: unknown): void {
    this.#pipe.closeReader("failed", error);
  }

  /** Calls {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The text that a console prints: the name, the number of waiting bytes, and the state. */
  get [Symbol.toStringTag](): string {
    return inspection(this.#pipe, "reader");
  }

  /** @internal */
  [INSPECT](): string {
    return inspection(this.#pipe, "reader");
  }

  #iterate(
    kind: typeof NEXT | typeof VIEW,
    maxBytes: number,
    options: IterationOptions | undefined,
  ): AsyncIterableIterator<Uint8Array> {
    return new Iteration(this.#pipe, this, kind, maxBytes, options?.preventClose === true, signalOf(options));
  }
}
