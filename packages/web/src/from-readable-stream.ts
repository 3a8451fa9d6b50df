import { fromIterable, type Reader, type ReadOptions } from "@pipe512/core";
import { chunkSizeOf, requireBytes, requireMethod } from "./bytes.ts";

/** Options of {@link fromReadableStream}. */
export interface FromReadableStreamOptions {
  /**
   * The most bytes that a byte stream is asked for at a time, an integer of at least 1. Other streams give chunks as long as they like.
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
 * Closing cancels the stream at once, also while a read waits, with the error of `closeWithError` as the reason.
 *
 * @throws {TypeError} At the call, if `stream` is none, or is locked.
 * @throws {RangeError} At the call, if `chunkSize` is no integer of at least 1.
 * @throws {TypeError} At a read, if it is given no `Uint8Array`, or the stream a chunk that is none, or one whose memory is detached. A stream with
 * such a chunk is cancelled with that error.
 * @throws {ClosedPipeError} At a read, after `close()` or `closeWithError()`.
 *
 * @example
 * ```ts
 * const reader = fromReadableStream(new Blob(["one\ntwo\n"]).stream());
 * for await (const line of lines(reader)) console.log(line);
 * ```
 */
export function fromReadableStream(
  stream: ReadableStream<Uint8Array>,
  options?: FromReadableStreamOptions,
): Reader {
  const chunkSize = chunkSizeOf(options);
  requireMethod(stream, "getReader", "ReadableStream");
  return new StreamReader(sourceOf(stream, chunkSize));
}

/** A locked stream, as much of it as is needed. */
interface Source {
  readonly closed: Promise<unknown>;
  read(maxBytes: number): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(reason: unknown): Promise<void>;
}

function sourceOf(stream: ReadableStream<Uint8Array>, chunkSize: number): Source {
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

class StreamReader implements Reader {
  readonly closed: Promise<void>;
  readonly #source: Source;
  /** Keeps what is left of the chunk in hand, the order of the reads, and everything about closing. */
  readonly #reader: Reader;
  /** The length of the latest read, which is what a byte stream is asked for: so it is asked for nothing that no read wants. */
  #wanted = 0;
  /** Bytes that came from the stream and that no read has got. Raised by {@link #next}, lowered by {@link read}. */
  #left = 0;
  /** Whether nothing more can come from the stream. */
  #over = false;
  /** What the stream is to be cancelled with. Set by {@link closeWithError}. */
  #reason: unknown = undefined;
  /** Whether the stream was asked for a chunk and has not answered. */
  #asked = false;
  /** Answers that question in the stream's place. Set with each. */
  #resolveNext: (answer: Promise<Answer>) => void = () => {};
  #resolveClosed: () => void = () => {};

  constructor(source: Source) {
    this.#source = source;
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
    this.#wanted = requireBytes(into, "read into").length || this.#wanted;
    const count = await this.#reader.read(into, options);
    this.#left -= count ?? 0;
    this.#tellClosed();
    return count;
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
    try {
      const { done, value } = await this.#source.read(this.#wanted);
      if (done) return END;
      this.#left += requireBytes(value, "read").length;
      return { done, value };
    } catch (error) {
      this.#source.cancel(error).catch(() => {}); // Where a chunk was none: a stream that failed takes no notice.
      throw error;
    } finally {
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
    if (this.#over && !this.#asked && this.#left === 0) this.#resolveClosed();
  }
}
