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
 * Calls may overlap: reads are served in the order of the calls, and each byte reaches one of them. An end that is
 * lost without having been closed is found when it is garbage-collected; the writes then get an `AbandonedPipeError`.
 *
 * # Closing
 *
 * `close()` drops what is in the pipe and rejects the writes that wait and all later ones with a `ClosedPipeError`;
 * `closeWithError(e)` rejects them with `e` itself. This end's own reads get a `ClosedPipeError` either way. The first
 * close counts.
 */
export class PipeReader implements Reader {
  readonly #pipe: Pipe;

  /** @internal */
  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Bytes delivered through this end since the start. */
  get bytesRead(): number {
    return this.#pipe.bytesRead;
  }

  /** Resolves as soon as no read can deliver a byte any more. Never rejects. */
  get closed(): Promise<void> {
    return this.#pipe.readerClosed;
  }

  /** Bytes that {@link tryRead} would take now, without waiting. */
  get available(): number {
    return this.#pipe.available;
  }

  /**
   * Resolves when a read would not wait: bytes are there, the stream has ended, or the pipe is closed. Another read may take the bytes first.
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
   * Reads into `into` as soon as one byte is there, as many as are there now, and resolves with their number; with `null` at
   * the end. It never waits to fill the array. One read may span several writes, and one write may feed many reads.
   * (Go's read never spans writes: its pipe has no buffer.) A read into 0 bytes resolves with 0 at once.
   *
   * @throws {TypeError} If `into` is no `Uint8Array`, or its memory is detached or shrunk, then or while it waits; or if an option is of the wrong type.
   * @throws `signal.reason` if the signal is or becomes aborted. No byte is lost, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed.
   * @throws {AbandonedPipeError} If the writer was garbage-collected unclosed, after the accepted bytes.
   * @throws The very error that the writer was closed with, after the accepted bytes.
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
   * Reads what is there now without waiting: the number of bytes, 0 where {@link read} would wait, `null` at the end.
   *
   * @throws As {@link read} rejects, at once.
   */
  tryRead(into: Uint8Array): number | null {
    return this.#pipe.tryRead(requireBytes(into, "read into"));
  }

  /**
   * Reads a chunk that the caller owns: a new array as long as what is there, or the very array of a writer that gave
   * it away (`transfer`), whatever its length. It waits until there is something; at the end it resolves with `null`.
   *
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `maxBytes` is no integer of at least 1.
   * @throws As {@link read} otherwise.
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
   * As {@link readChunk} without waiting: `undefined` where it would wait now, `null` at the end.
   *
   * @throws As {@link readChunk} rejects, at once.
   */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined {
    return this.#pipe.tryReadChunk(maxBytesOf(options));
  }

  /**
   * Puts bytes back in front, a copy of them, so that the next read delivers them first. They wait outside of the 512 bytes of the ring and
   * count as not read. Does nothing once this end is closed.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or its memory is detached or shrunk.
   */
  unread(bytes: Uint8Array): void {
    this.#pipe.unread(requireBytes(bytes, "unread"));
  }

  /** As {@link chunks} without options: `for await (const chunk of reader)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.chunks();
  }

  /**
   * Iterates over chunks that the consumer owns, each as {@link readChunk} gives it. Leaving the loop closes this end,
   * unless `preventClose`: then what was not yielded stays readable.
   *
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `maxBytes` is no integer of at least 1.
   */
  chunks(options?: IterationOptions & Pick<ChunkOptions, "maxBytes">): AsyncIterableIterator<Uint8Array> {
    return this.#iterate(NEXT, maxBytesOf(options), options);
  }

  /**
   * Iterates over borrowed views: of the ring, or of the very array of the write that waits, without a copy. A view is
   * valid until the next step; keep a copy of what is needed longer, and do not write to it. The write whose array is lent settles
   * when the next step is taken or the loop is left. Meanwhile other reads wait.
   *
   * @throws {TypeError} If an option is of the wrong type.
   */
  views(options?: IterationOptions): AsyncIterableIterator<Uint8Array> {
    return this.#iterate(VIEW, DEFAULT_MAX_BYTES, options);
  }

  /**
   * What reads are rejected with because of the writer, if they are.
   *
   * @internal
   */
  get peerFailure(): Failure | undefined {
    return this.#pipe.peerFailure("reader");
  }

  /**
   * Says that no more bytes are wanted: what is in the pipe is dropped, and writes are rejected with a `ClosedPipeError`.
   * Never throws, never waits; only the first close counts.
   */
  close(): void {
    this.#pipe.closeReader("closed");
  }

  /** As {@link close}, but writes are rejected with `error` itself. Any value will do, falsy ones too. */
  closeWithError(error: unknown): void {
    this.#pipe.closeReader("failed", error);
  }

  /** As {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What a console shows: name, bytes waiting, and state. */
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
