import { Writable } from "node:stream";
import type { Writer } from "@pipe512/core";
import { converted, requireWriter } from "@pipe512/core/adapter";
import { attend, type Follower, follow } from "./attendance.ts";
import { type Callback, endOf, inContext } from "./callbacks.ts";
import { type WritableOptions, writableOptions } from "./options.ts";
import { WritingHalf } from "./writing-half.ts";

/**
 * A Node `Writable` over the writing end of a pipe, or over any other `Writer`. It takes ownership of the writer.
 *
 * A write calls back once the writer has accepted its bytes. Until then the stream holds that one chunk;
 * `highWaterMark` adds to it. Bytes are copied, so a Buffer may be reused after the callback, except with `transfer`.
 * `end()` closes the writer. If the writer has `finish()`, the stream finishes when `finish()` resolves, and fails with
 * its error.
 *
 * `destroy(error)` closes the writer with `error`, which the reader gets after the accepted bytes. `destroy()` closes
 * it with an error of code `ERR_STREAM_PREMATURE_CLOSE`, never with a clean end. Each pending write is called back with
 * `error`, or with Node's `ERR_STREAM_DESTROYED` (a `PassThrough` never calls them back). When the reading side closes,
 * the stream is destroyed with the error of a rejected write.
 *
 * Callbacks run in the AsyncLocalStorage context of the call they were passed to.
 *
 * @throws {TypeError} If `writer` is not a `Writer`. The message names the function that converts it.
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link WritableOptions}.
 * @throws {RangeError} If a `highWaterMark` is not an integer of at least 0.
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
