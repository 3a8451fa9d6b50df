import { Writable } from "node:stream";
import type { Writer } from "@pipe512/core";
import { converted, requireWriter } from "@pipe512/core/adapter";
import { attend, type Follower, follow } from "./attendance.ts";
import { type Callback, endOf, inContext } from "./callbacks.ts";
import { type WritableOptions, writableOptions } from "./options.ts";
import { WritingHalf } from "./writing-half.ts";

/**
 * A Node `Writable` over the writing end of a pipe, or over any other `Writer`, which it takes over.
 *
 * A write calls back once the writer has accepted its bytes; until then the stream has that one chunk in its hands, and
 * no more unless `highWaterMark` says so. Bytes are copied, so a Buffer may be reused once its callback ran, unless
 * `transfer`. `end()` closes the writer; where the writer has `finish()`, the stream has finished once that has, and its error is the
 * error of the stream.
 *
 * `destroy(error)` closes the writer with that error, so the reader gets it after what was accepted; `destroy()` with
 * one of the code `ERR_STREAM_PREMATURE_CLOSE`, never a clean end. Each write that waits is called back with that error, or
 * with Node's `ERR_STREAM_DESTROYED` (a `PassThrough` calls none back). When the reading side closes, the stream is destroyed
 * with what a write would be rejected with.
 *
 * Callbacks run in the AsyncLocalStorage context of the call that was given them.
 *
 * @throws {TypeError} If `writer` is not a `Writer`. The message names the function that makes one of it.
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link WritableOptions}. The message names it.
 * @throws {RangeError} If `highWaterMark` is negative or not an integer.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * createReadStream("notes.txt").pipe(toWritable(writer));
 * for await (const line of lines(reader)) console.log(line);
 * ```
 */
export function toWritable(writer: Writer, options: WritableOptions = {}): Writable {
  requireWriter(writer);
  const writable = new PipeWritable(writer, options);
  converted(writable, "toWritable", toWritable);
  return writable;
}

class PipeWritable extends Writable {
  readonly #half: WritingHalf;
  readonly #follower: Follower | undefined;

  constructor(writer: Writer, options: WritableOptions) {
    const { settings } = writableOptions(options);
    super({ ...settings, highWaterMark: settings.writableHighWaterMark });
    this.#half = new WritingHalf(this, writer, options.transfer);
    this.#follower = follow(this, options.signal);
    attend(this.#half, writer.closed);
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (encoding === undefined && callback === undefined) return super.write(chunk);
    return super.write(chunk, inContext(encoding), inContext(callback));
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    endOf(this, [chunk, encoding, callback], (...args) => super.end(...(args as [])));
    return this;
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
    this.#half.write(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk, callback);
  }

  override _final(callback: Callback): void {
    this.#half.end(callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    callback(error);
    this.#follower?.stop();
    this.#half.stopWriting(error);
  }
}
