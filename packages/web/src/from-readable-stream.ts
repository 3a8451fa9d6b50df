import { fromIterable, type Reader, type ReadOptions } from "@pipe512/core";
import { converted, requireBytes, requireInteger, waits } from "@pipe512/core/adapter";
import { bytesOf, CHUNK_BYTES, type Chunk } from "./bytes.ts";
import { ChunkIteration } from "./chunk-iteration.ts";
import { onceCollected } from "./closed.ts";
import { requireStream } from "./requirement.ts";

/** Options of {@link fromReadableStream}. */
export interface FromReadableStreamOptions {
  /**
   * The most bytes that a byte stream is asked for at a time, an integer of at least 1; also the length of the longest chunk of an iteration. Other
   * streams give chunks as long as they like.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/**
 * A `Reader` over a Web `ReadableStream` of bytes, which it locks and takes over.
 *
 * The stream is asked for a chunk when a read finds nothing left of the last one. A byte stream is asked for no more than the
 * read wants, so nothing is in hand but what an aborted read leaves; of any other stream one chunk is. What lies before
 * that is the stream's own `highWaterMark`. The stream's error is the reader's, the same object. Reads may overlap, and
 * aborting one loses nothing.
 *
 * Closing cancels the stream at once, also while a read waits, with the error of `closeWithError` as the reason. The reader is an async iterable of
 * owned chunks; leaving the loop closes it.
 *
 * @throws {TypeError} At the call, if `stream` is not a `ReadableStream`, or is locked.
 * @throws {RangeError} At the call, if `chunkSize` is not an integer of at least 1.
 * @throws {TypeError} At a read, if `into` is not a `Uint8Array`.
 * @throws {TypeError} At a read, if the stream gives a chunk that is not bytes (a `Uint8Array`, another view or an `ArrayBuffer`), or whose memory is
 * detached. The stream is cancelled with that error.
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

/** A locked stream, as much of it as is needed. */
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
      // Who gets the chunk is done with it when the next is asked for, so its memory serves again.
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
  /** Keeps what is left of the chunk in hand, the order of the reads, and everything about closing. */
  readonly #reader: Reader;
  /** The length of the latest read, which is what a byte stream is asked for: so it is asked for nothing that no read wants. */
  #wanted = 0;
  /** Bytes that came from the stream and that no read has got. Raised by {@link #next}, lowered by {@link read}. */
  #left = 0;
  /** Whether nothing more can come from the stream. */
  #over = false;
  /** Whether no read can deliver a byte any more. Set by {@link #tellClosed}. */
  #ended = false;
  /** What the stream is to be cancelled with. Set by {@link closeWithError}. */
  #reason: unknown = undefined;
  /** Whether the stream was asked for a chunk and has not answered. */
  #asked = false;
  /** Answers that question in the stream's place. Set with each. */
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
      // A stream closes before it hands over its last chunk, so that comes first. Some forget to answer a view then.
      if (this.#asked) setTimeout(() => this.#forget(end));
    };
    end.then(over, over);
  }

  async read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    const { length } = requireBytes(into, "read into");
    this.#wanted = length || this.#wanted || 1;
    // Only a read of a byte asks the stream, whose answer is its end or its error.
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
      this.#source.cancel(error).catch(() => {}); // Where a chunk was none: a stream that failed takes no notice.
      throw error;
    } finally {
      answered?.();
      this.#asked = false;
      this.#tellClosed();
    }
  }

  /** Waits no longer for an answer to what was asked for. */
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
