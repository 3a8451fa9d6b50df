import { chunkSizeOf, maxBytesOf } from "../options.ts";
import { requireReader } from "../requirement.ts";
import type { IterationOptions, Reader } from "../types.ts";
import { Items } from "./items.ts";
import { DEFAULT_ITEM_BYTES, LineBuffer } from "./line-buffer.ts";
import { ReadAhead } from "./read-ahead.ts";

/** Options of {@link lines}. */
export interface LinesOptions extends IterationOptions {
  /**
   * The most bytes a line may have, its terminator not counted, an integer of at least 1.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
  /**
   * The most bytes that are read ahead of the line in hand, an integer of at least 1.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/**
 * The lines of a text in UTF-8, without the `\n` or `\r\n` that ends each of them; the last one needs none. A `\r` elsewhere belongs to
 * its line. A byte order mark at the front is dropped, and what is not valid UTF-8 becomes U+FFFD. Go calls it `bufio.Scanner`.
 *
 * Nothing is read before the first step. Up to `chunkSize` bytes are read ahead of the consumer, and as many as the line in hand has.
 *
 * Leaving the loop closes the reader, also while a line is awaited, and an error closes it with that error. At the end the reader is left
 * as it is. With `preventClose` the reader stays open, and its next read goes on behind the last line that was yielded. A reader that has no
 * `unread()` is read byte by byte then, and what was read of a line that is awaited is lost; {@link bufferedReader} makes one that has it.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or an option is of the wrong type.
 * @throws {RangeError} If `maxBytes` or `chunkSize` is not an integer of at least 1. At a step: if a line has more than `maxBytes` bytes.
 * @throws `signal.reason` at a step, if the signal is, or becomes, aborted.
 * @throws The reader's error at a step, the same object, after the whole lines before it. What it cut off is not a line.
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
