import type { Readable } from "node:stream";
import { type ChunkOptions, type PipeReader, pipe, type Reader, type ReadOptions } from "@pipe512/core";
import { carriable } from "./errors.ts";
import { requireStream } from "./foreign-stream.ts";
import type { TransferOptions } from "./options.ts";
import { Source } from "./source.ts";

/**
 * The `Reader` that {@link fromReadable} returns. It has all members of a `Reader`, and `for await` iterates over its
 * chunks.
 */
export type ReadableReader = Required<Reader> & AsyncIterable<Uint8Array>;

/**
 * A `Reader` over a Node `Readable`, of which it takes ownership. It is an async iterable of chunks that the consumer
 * owns.
 *
 * The stream is read only when a read finds no bytes. So the stream buffers no more than its own `highWaterMark`, and
 * the reader holds one chunk. Strings are encoded with the encoding of the stream.
 *
 * A stream in object mode, such as one of `Readable.from()`, may deliver Buffers, other `Uint8Array`s and strings. At
 * any other value the reads reject with a TypeError, and the stream is destroyed with it.
 *
 * If the stream fails, reads reject with its error, the same object, after the current chunk. If it is destroyed before
 * its end without an error, they reject with an error of code `ERR_STREAM_PREMATURE_CLOSE`.
 *
 * `close()` destroys the stream, and `closeWithError(error)` destroys it with `error`. Neither causes an uncaught
 * exception.
 *
 * @throws {TypeError} If `readable` is not a `Readable`. The message names the function that converts it.
 * @throws {TypeError} If `readable` is flowing.
 *
 * @example
 * ```ts
 * for await (const line of lines(fromReadable(process.stdin))) console.log(line);
 * ```
 */
export function fromReadable(readable: NodeJS.ReadableStream, options: TransferOptions = {}): ReadableReader {
  const stream = readable as Readable;
  requireStream(stream, "read");
  if (stream.readableFlowing === true) {
    throw new TypeError(
      "readable must be paused; got a flowing stream: call pause() first, or convert it before adding a data listener",
    );
  }
  const { reader, writer } = pipe();
  return new PulledReader(reader, new Source(stream, writer, options.transfer === true));
}

/** The reading end of a pipe. Reading it pulls the source into the pipe. */
class PulledReader implements ReadableReader {
  readonly #reader: PipeReader;
  readonly #source: Source;

  constructor(reader: PipeReader, source: Source) {
    this.#reader = reader;
    this.#source = source;
  }

  get closed(): Promise<void> {
    return this.#reader.closed;
  }

  read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    return this.#source.serve(this.#reader.read(into, options));
  }

  readChunk(options?: ChunkOptions): Promise<Uint8Array | null> {
    return this.#source.serve(this.#reader.readChunk(options));
  }

  tryRead(into: Uint8Array): number | null {
    const count = this.#reader.tryRead(into);
    if (count === 0) this.#source.pull();
    return count;
  }

  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined {
    const chunk = this.#reader.tryReadChunk(options);
    if (chunk === undefined) this.#source.pull();
    return chunk;
  }

  unread(bytes: Uint8Array): void {
    this.#reader.unread(bytes);
  }

  /** Iterates over chunks. Leaving the loop closes the reader. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const steps = this.#reader.chunks();
    const iterator: AsyncIterableIterator<Uint8Array> = {
      next: () => this.#source.serve(steps.next()),
      return: () => {
        const done = (steps.return as NonNullable<typeof steps.return>)(); // Ends a pending step, and closes the pipe.
        this.close();
        return done;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  close(): void {
    this.#reader.close();
    this.#source.leave();
  }

  closeWithError(error: unknown): void {
    this.#reader.closeWithError(error);
    this.#source.leave(carriable(error));
  }
}
