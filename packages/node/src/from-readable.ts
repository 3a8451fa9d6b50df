import type { Readable } from "node:stream";
import { type ChunkOptions, type PipeReader, pipe, type Reader, type ReadOptions } from "@pipe512/core";
import { carriable } from "./errors.ts";
import { requireStream } from "./foreign-stream.ts";
import type { TransferOptions } from "./options.ts";
import { Source } from "./source.ts";

/** The `Reader` that {@link fromReadable} makes. All members of a `Reader` are there, and `for await` gives chunks. */
export type ReadableReader = Required<Reader> & AsyncIterable<Uint8Array>;

/**
 * A `Reader` over a Node `Readable`, which it takes over. It is an async iterable of chunks that the consumer owns.
 *
 * The stream is read when a read finds nothing, so it buffers no more than its own `highWaterMark`, and there is one
 * chunk of it in hand. A stream that delivers strings is read in the encoding they have. A stream in object mode, as
 * `Readable.from()` makes them, may deliver Buffers, other `Uint8Array`s and strings; at the first other value the reads reject with a
 * TypeError, and the stream is destroyed with it. Its error is the error of the reads, the same object, after the chunk in hand; where
 * it is destroyed before its end without one, they get an error with the code `ERR_STREAM_PREMATURE_CLOSE`.
 *
 * `close()` destroys the stream, and `closeWithError(error)` destroys it with `error`; neither makes an uncaught error.
 *
 * @throws {TypeError} If `readable` is not a Readable. The message names the function that makes a Reader of it.
 * @throws {TypeError} If it flows already.
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
      "readable must not flow yet; got one that does: call pause() first, or convert it before it has a data listener",
    );
  }
  const { reader, writer } = pipe();
  return new PulledReader(reader, new Source(stream, writer, options.transfer === true));
}

/** The reading end of a pipe that a source is pulled into as it is read. */
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

  /** Leaving the loop closes the reader. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    const steps = this.#reader.chunks();
    const iterator: AsyncIterableIterator<Uint8Array> = {
      next: () => this.#source.serve(steps.next()),
      return: () => {
        const done = (steps.return as NonNullable<typeof steps.return>)(); // Ends a step that waits, and closes the pipe.
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
