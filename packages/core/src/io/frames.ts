import { chunkSizeOf, maxBytesOf } from "../options.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { FrameBuffer } from "./frame-buffer.ts";
import { Items } from "./items.ts";
import { DEFAULT_ITEM_BYTES } from "./line-buffer.ts";
import type { LinesOptions } from "./lines.ts";
import { ReadAhead } from "./read-ahead.ts";

/**
 * Iterates over messages that {@link writeFrame} wrote: each has its length before it, as an unsigned 32-bit big-endian integer.
 * A message is an array that the consumer owns, and may be empty.
 *
 * Options, closing and errors are those of {@link lines}. `maxBytes` does not include the 4 bytes of the length.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
 * @throws {RangeError} At a step, if the length of a message is more than `maxBytes`, as soon as the length is read.
 * @throws {UnexpectedEndError} At a step, if the stream ends inside a frame. `bytesRead` is the number of bytes of the message.
 * @throws `signal.reason` at a step, if the signal is or becomes aborted.
 * @throws The error of the reader at a step, as the same object, after the complete frames.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * void writeFrame(writer, Uint8Array.of(1, 2, 3)).then(() => writer.close());
 * for await (const message of frames(reader)) console.log(message.join()); // 1,2,3
 * ```
 */
export function frames(
  reader: Reader,
  options?: LinesOptions,
): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  requireReader(reader);
  const bytes = new FrameBuffer(maxBytesOf(options, DEFAULT_ITEM_BYTES), chunkSizeOf(options));
  return new Items(reader, new ReadAhead(reader, bytes, options?.preventClose === true), options);
}
