import { Readable } from "node:stream";
import type { Reader } from "@pipe512/core";
import { attend, follow, unfollow } from "./attendance.ts";
import { Iteration } from "./iteration.ts";
import { checked, type ReadableOptions, requireReader } from "./options.ts";
import { ReadingHalf } from "./reading-half.ts";

/**
 * A Node `Readable` over the reading end of a pipe, or over any other `Reader`, which it takes over.
 *
 * Nothing is read before the consumer asks, at most one read is outstanding, and nothing is buffered unless
 * `highWaterMark` says so. The consumer owns the Buffers it gets; an array that the writer gave away arrives as the
 * same memory. The reader's end is the stream's end, and its error destroys the stream: the same object, but for a
 * falsy value, which a Node stream cannot carry; that becomes an `Error` with the code `ERR_FALSY_ERROR`, whose `cause`
 * is the value.
 *
 * `destroy(error)` closes the reader with that error, so the writer's writes reject with it; `destroy()` only closes.
 * Leaving a `for await` loop is a `destroy()`, and emits no error, where Node's own streams emit an AbortError.
 *
 * @throws {TypeError} If `reader` is none.
 * @throws {TypeError} If an option is of the wrong type, or asks for object mode or for an encoding that Node does not know.
 * @throws {RangeError} If `highWaterMark` is negative, or `chunkSize` less than 1, or either no integer.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * void writeText(writer, "hello").then(() => writer.close());
 * toReadable(reader).pipe(process.stdout);
 * ```
 */
export function toReadable(reader: Reader, options: ReadableOptions = {}): Readable {
  requireReader(reader);
  return new PipeReadable(reader, options);
}

class PipeReadable extends Readable {
  readonly #half: ReadingHalf;
  readonly #signal: AbortSignal | undefined;

  constructor(reader: Reader, options: ReadableOptions) {
    const { chunkSize, ...settings } = checked(options);
    super(settings);
    this.#half = new ReadingHalf(this, reader, chunkSize);
    this.#signal = options.signal;
    follow(this, options.signal);
    attend(this, reader.closed, (stream) => stream.#half.probe());
  }

  override _read(): void {
    this.#half.read();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    unfollow(this, this.#signal);
    this.#half.close(error);
    callback(error);
  }

  override iterator(options?: { destroyOnReturn?: boolean }): NodeJS.AsyncIterator<any> {
    return new Iteration(this, options?.destroyOnReturn !== false);
  }

  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<any> {
    return this.iterator();
  }
}
