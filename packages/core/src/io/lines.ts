import { chunkSizeOf, maxBytesOf } from "../options.ts";
import { requireReader } from "../requirement.ts";
import type { IterationOptions, Reader } from "../types.ts";
import { Items } from "./items.ts";
import { DEFAULT_ITEM_BYTES, LineBuffer } from "./line-buffer.ts";
import { ReadAhead } from "./read-ahead.ts";

/** Options of {@link lines}. */
export interface LinesOptions extends IterationOptions {
  /**
   * The maximum length of a line in bytes, without its terminator: an integer of at least 1, or `Infinity`.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
  /**
   * The maximum number of bytes that are read ahead of the current line: an integer of at least 1.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/**
 * Iterates over the lines of a UTF-8 text, without their terminators `\n` or `\r\n`. The last line needs no terminator. A `\r` elsewhere is
 * part of its line. A leading byte order mark is dropped, and invalid UTF-8 becomes U+FFFD. It corresponds to Go's `bufio.Scanner`.
 *
 * Nothing is read before the first step. Up to `chunkSize` bytes are read ahead of the consumer, in addition to the bytes of the current line.
 *
 * Leaving the loop closes the reader, also while a step is pending. An error closes it with that error. At the end of the stream the reader
 * is not closed. With `preventClose` the reader stays open, and its next read continues after the last line that was yielded. A reader
 * without `unread()` is then read byte by byte, and the bytes of an incomplete line are lost. {@link bufferedReader} adds `unread()`.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
 * @throws {RangeError} At a step, if a line has more than `maxBytes` bytes.
 * @throws `signal.reason` at a step, if the signal is or becomes aborted.
 * @throws The error of the reader at a step, as the same object, after the complete lines. The incomplete line is not yielded.
 *
 * @example
 * ```ts
 * for await (const line of lines(fromIterable(["one\ntw", "o\r\nthree"]))) {
 *   console.log(line); // one, two, three
 * }
 * ```
 */
export function lines(reader: Reader, options?: LinesOptions): AsyncIterableIterator<string> {
  requireReader(reader);
  const bytes = new LineBuffer(maxBytesOf(options, DEFAULT_ITEM_BYTES), chunkSizeOf(options));
  return new Items(reader, new ReadAhead(reader, bytes, options?.preventClose === true), options);
}
