import { Readable } from "node:stream";
import type { Reader } from "@pipe512/core";
import { converted, requireReader } from "@pipe512/core/adapter";
import { attend, type Follower, follow } from "./attendance.ts";
import { Iteration } from "./iteration.ts";
import { type ReadableOptions, readableOptions } from "./options.ts";
import { ReadingHalf } from "./reading-half.ts";
import { awaitsReadable } from "./two-way.ts";

/**
 * A Node `Readable` over the reading end of a pipe, or over any other `Reader`. It takes ownership of the reader.
 *
 * Nothing is read before the consumer pulls, and at most one read is pending. With the default `highWaterMark` of 0
 * nothing is buffered. The consumer owns the Buffers it gets; an array whose ownership the writer transferred is
 * delivered as the same memory.
 *
 * At the reader's end the stream ends. If the reader fails, the stream is destroyed with the same error object. A Node
 * stream cannot carry a falsy error: it becomes an `Error` of code `ERR_FALSY_ERROR` whose `cause` is the value.
 *
 * `destroy(error)` closes the reader with `error`, so the writer's writes reject with it; `destroy()` closes it without
 * an error. Leaving a `for await` loop is a `destroy()` and emits no error; Node's own streams emit an AbortError.
 *
 * @throws {TypeError} If `reader` is not a `Reader`. The message names the function that converts it.
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link ReadableOptions}.
 * @throws {RangeError} If a `highWaterMark` is not an integer of at least 0.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
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
  const readable = new PipeReadable(reader, options);
  converted(readable, "toReadable", toReadable);
  return readable;
}

class PipeReadable extends Readable {
  readonly #half: ReadingHalf;
  readonly #follower: Follower | undefined;

  constructor(reader: Reader, options: ReadableOptions) {
    const { chunkSize, settings } = readableOptions(options);
    super({ ...settings, highWaterMark: settings.readableHighWaterMark });
    this.#half = new ReadingHalf(this, reader, chunkSize);
    this.#follower = follow(this, options.signal);
    attend(this.#half, reader.closed);
  }

  override read(size?: number): any {
    const chunk: unknown = super.read(size);
    if (chunk !== null && awaitsReadable(this)) this.#half.ask();
    return chunk;
  }

  override _read(): void {
    this.#half.ask();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    callback(error);
    this.#follower?.stop();
    this.#half.stopReading(error);
  }

  override iterator(options?: { destroyOnReturn?: boolean }): NodeJS.AsyncIterator<any> {
    return new Iteration(this, options?.destroyOnReturn !== false, false);
  }

  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<any> {
    return this.iterator();
  }
}
