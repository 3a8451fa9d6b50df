import { fromIterable, type Reader, type ReadOptions } from "@pipe512/core";
import { converted, requireBytes, requireInteger, waits } from "@pipe512/core/adapter";
import { bytesOf, CHUNK_BYTES, type Chunk } from "./bytes.ts";
import { ChunkIteration } from "./chunk-iteration.ts";
import { onceCollected } from "./closed.ts";
import { requireStream } from "./requirement.ts";

/** Options of {@link fromReadableStream}. */
export interface FromReadableStreamOptions {
  /**
   * The maximum number of bytes of one read of a byte stream, and of one chunk of an iteration; an integer of at least
   * 1. Other streams deliver chunks of any length.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/**
 * A `Reader` over a Web `ReadableStream` of bytes. It locks the stream and takes ownership of it.
 *
 * A read pulls the next chunk when nothing of the last one is left. From a byte stream it pulls no more bytes than the
 * read requests, so only an aborted read leaves bytes behind. From any other stream it holds one chunk. Before that,
 * the stream buffers up to its own `highWaterMark`. Reads reject with the stream's error, the same object. Reads may
 * overlap, and aborting one loses no bytes.
 *
 * Closing cancels the stream at once, even while a read is pending, with the error of `closeWithError` as the reason.
 * The reader is an async iterable of owned chunks; leaving the loop closes it.
 *
 * @throws {TypeError} At the call, if `stream` is not a `ReadableStream`.
 * @throws {TypeError} At the call, if `stream` is locked.
 * @throws {RangeError} At the call, if `chunkSize` is not an integer of at least 1.
 * @throws {TypeError} At a read, if `into` is not a `Uint8Array`.
 * @throws {TypeError} At a read, if a chunk is not a `Uint8Array`, another view or an `ArrayBuffer`. The stream is
 * cancelled with that error.
 * @throws {TypeError} At a read, if the memory of a chunk is detached. The stream is cancelled with that error.
 * @throws {ClosedPipeError} At a read, after `close()` or `closeWithError()`.
 *
 * @example
 * ```ts
 * const reader = fromReadableStream(new Blob(["one\ntwo\n"]).stream());
 * for await (const line of lines(reader)) console.log(line);
 * ```
 */
export function fromReadableStream(
  stream: ReadableStream<Chunk>,
  options?: FromReadableStreamOptions,
): Reader & AsyncIterable<Uint8Array> {
  const { chunkSize = CHUNK_BYTES } = options ?? {};
  requireInteger("chunkSize", chunkSize, 1);
  requireStream(stream, "getReader");
  const reader = new StreamReader(sourceOf(stream, chunkSize), chunkSize);
  converted(reader, "fromReadableStream", fromReadableStream);
  return reader;
}

/** The operations of a locked stream that are needed here. */
interface Source {
  readonly closed: Promise<unknown>;
  read(maxBytes: number): Promise<ReadableStreamReadResult<Chunk>>;
  cancel(reason: unknown): Promise<void>;
}

function sourceOf(stream: ReadableStream<Chunk>, chunkSize: number): Source {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    return stream.getReader();
  }
  let buffer = new ArrayBuffer(chunkSize);
  return {
    closed: reader.closed,
    async read(maxBytes) {
      const view = new Uint8Array(buffer, 0, Math.min(maxBytes, chunkSize));
      const result = await reader.read(view);
      // The consumer has copied the chunk before it requests the next one, so the memory is reused.
      if (result.value !== undefined) buffer = result.value.buffer;
      return result;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

type Answer = IteratorResult<Uint8Array, undefined>;

const END: Answer = { done: true, value: undefined };

const AT_THE_END = new Uint8Array(1);

class StreamReader implements Reader, AsyncIterable<Uint8Array> {
  readonly closed: Promise<void>;
  readonly #source: Source;
  readonly #chunkSize: number;
  /** Manages the rest of the current chunk, the order of reads, and closing. */
  readonly #reader: Reader;
  /** The length of the latest read. A byte stream is pulled for this many bytes, so that no surplus is left over. */
  #wanted = 0;
  /** Bytes received from the stream that no read has returned yet. Raised by {@link #next}, lowered by {@link read}. */
  #left = 0;
  /** Whether the stream can deliver no more chunks. */
  #over = false;
  /** Whether no read can return another byte. Set by {@link #tellClosed}. */
  #ended = false;
  /** The reason to cancel the stream with. Set by {@link closeWithError}. */
  #reason: unknown = undefined;
  /** Whether a read of the stream is pending. */
  #asked = false;
  /** Settles the pending read in place of the stream. Set with each read. */
  #resolveNext: (answer: Promise<Answer>) => void = () => {};
  #resolveClosed: () => void = () => {};

  constructor(source: Source, chunkSize: number) {
    this.#source = source;
    this.#chunkSize = chunkSize;
    const iterator: AsyncIterator<Uint8Array, undefined> = {
      next: () =>
        new Promise((resolve, reject) => {
          this.#resolveNext = resolve;
          this.#next().then(resolve, reject);
        }),
      return: () => source.cancel(this.#reason).then(() => END),
    };
    this.#reader = fromIterable({ [Symbol.asyncIterator]: () => iterator } as AsyncIterable<Uint8Array>);
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    onceCollected(this, this.#resolveClosed);
    const end = source.closed.then(() => END);
    const over = (): void => {
      this.#over = true;
      this.#tellClosed();
      // A stream may close before it delivers its last chunk, so wait for that. Some engines never settle a pending
      // BYOB read then.
      if (this.#asked) setTimeout(() => this.#forget(end));
    };
    end.then(over, over);
  }

  async read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    const { length } = requireBytes(into, "read into");
    this.#wanted = length || this.#wanted || 1;
    // A zero-length read does not pull. After the end, a one-byte read is used instead: it returns the end or the
    // error.
    const ask = length === 0 && this.#ended ? AT_THE_END : into;
    const count = await this.#reader.read(ask, options);
    this.#left -= count ?? 0;
    this.#tellClosed();
    return count;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return new ChunkIteration(this, this.#chunkSize);
  }

  close(): void {
    this.#reader.close();
    this.#resolveClosed();
  }

  closeWithError(error: unknown): void {
    this.#reason = error;
    this.#reader.closeWithError(error);
    this.#resolveClosed();
  }

  async #next(): Promise<Answer> {
    this.#asked = true;
    const answered = waits(this, {
      side: "reader",
      operation: "read",
      waitsFor: "for a chunk of the stream",
    });
    try {
      const { done, value } = await this.#source.read(this.#wanted);
      if (done) return END;
      const bytes = bytesOf(value, "read");
      this.#left += bytes.length;
      return { done, value: bytes };
    } catch (error) {
      this.#source.cancel(error).catch(() => {}); // Needed for an invalid chunk; a failed stream ignores it.
      throw error;
    } finally {
      answered?.();
      this.#asked = false;
      this.#tellClosed();
    }
  }

  /** Stops waiting for the pending read of the stream. */
  #forget(end: Promise<Answer>): void {
    this.#asked = false;
    this.#resolveNext(end);
    this.#tellClosed();
  }

  #tellClosed(): void {
    if (!this.#over || this.#asked || this.#left > 0) return;
    this.#ended = true;
    this.#resolveClosed();
  }
}
