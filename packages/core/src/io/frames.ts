import { chunkSizeOf, maxBytesOf } from "../options.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { FrameBuffer } from "./frame-buffer.ts";
import { Items } from "./items.ts";
import { DEFAULT_ITEM_BYTES } from "./line-buffer.ts";
import type { LinesOptions } from "./lines.ts";
import { ReadAhead } from "./read-ahead.ts";

/**
 * The messages that {@link writeFrame} wrote: in front of each are 4 bytes with its length, the highest byte first. Each is an array that the
 * consumer owns, and may be empty. The options, closing and errors are those of {@link lines}; `maxBytes` does not count the 4 bytes.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or an option is of the wrong type.
 * @throws {RangeError} If `maxBytes` or `chunkSize` is not an integer of at least 1. At a step: if a length is more than `maxBytes`, as soon
 * as it is read.
 * @throws {UnexpectedEndError} At a step, if the stream ends inside of a frame. `bytesRead` is how many bytes of the message came.
 * @throws `signal.reason` at a step, if the signal is, or becomes, aborted.
 * @throws The reader's error at a step, the same object, after the whole frames before it.
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
