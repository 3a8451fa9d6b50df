import type { Readable } from "node:stream";
import { type ChunkOptions, type PipeReader, pipe, type Reader, type ReadOptions } from "@pipe512/core";
import { carriable } from "./errors.ts";
import { requireStream, type TransferOptions } from "./options.ts";
import { Source } from "./source.ts";

/**
 * A `Reader` over a Node `Readable`, which it takes over.
 *
 * The stream is read when a read finds nothing, so it buffers no more than its own `highWaterMark`, and there is one
 * chunk of it in hand. A stream that delivers strings is read in the encoding they have. Its error is the error of the
 * reads, the same object, after the chunk in hand; where it is destroyed before its end without one, they get an error
 * with the code `ERR_STREAM_PREMATURE_CLOSE`.
 *
 * `close()` destroys the stream, and `closeWithError(error)` destroys it with `error`; neither makes an uncaught error.
 *
 * @throws {TypeError} If `readable` is no Readable.
 * @throws {TypeError} If it is in object mode.
 * @throws {TypeError} If it flows already.
 *
 * @example
 * ```ts
 * for await (const line of lines(fromReadable(process.stdin))) console.log(line);
 * ```
 */
export function fromReadable(readable: NodeJS.ReadableStream, options: TransferOptions = {}): Reader {
  const stream = readable as Readable;
  requireStream(stream, "read", stream?.readableObjectMode);
  if (stream.readableFlowing === true) {
    throw new TypeError(
      "Cannot read from a stream that flows already: call pause() first, or take it before it has a data listener",
    );
  }
  const { reader, writer } = pipe();
  return new ReadableReader(reader, new Source(stream, writer, options.transfer === true));
}

/** The reading end of a pipe that a source is pulled into as it is read. */
class ReadableReader implements Reader {
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

  close(): void {
    this.#reader.close();
    this.#source.leave();
  }

  closeWithError(error: unknown): void {
    this.#reader.closeWithError(error);
    this.#source.leave(carriable(error));
  }
}
