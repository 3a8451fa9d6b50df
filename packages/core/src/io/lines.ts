import { maxBytesOf } from "../options.ts";
import type { Reader, WaitOptions } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { LineBuffer } from "./line-buffer.ts";

/** Options of {@link lines}. */
export interface LinesOptions extends WaitOptions {
  /**
   * The most bytes a line may have, its terminator not counted.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_LINE_BYTES = 1_048_576;

/**
 * The lines of a text in UTF-8, without the `\n` or `\r\n` that ends each of them; the last one needs none. A `\r`
 * elsewhere belongs to its line. A byte order mark at the front is dropped, and what is not valid UTF-8 becomes U+FFFD.
 *
 * Nothing is read before the first line is asked for. Up to 64 KiB are read ahead of the consumer, or one line if that
 * is longer.
 *
 * Leaving the loop closes the reader, also while a line is awaited, and an error closes it with that error. What was
 * read ahead is lost then. At the end the reader is left as it is.
 *
 * @throws {TypeError} If `maxBytes` is no number.
 * @throws {RangeError} If `maxBytes` is no integer of at least 1. At the loop: if a line has more than `maxBytes` bytes.
 * @throws `signal.reason` at the loop, if the signal is, or becomes, aborted.
 * @throws The reader's error at the loop, the same object, after the whole lines before it. What it cut off is no line.
 *
 * @example
 * ```ts
 * for await (const line of lines(fromIterable(["one\ntw", "o\r\nthree"]))) {
 *   console.log(line); // "one", "two", "three"
 * }
 * ```
 */
export function lines(reader: Reader, options?: LinesOptions): AsyncIterableIterator<string> {
  const split = splitLines(reader, new LineBuffer(maxBytesOf(options, DEFAULT_LINE_BYTES)), options?.signal);
  let left = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const step = await split.next();
        if (!left) return step;
      } catch (error) {
        if (!left) throw error;
      }
      return { done: true, value: undefined }; // The consumer left while this step waited: nothing is for it any more.
    },
    // A generator's own return() would wait for the read that waits. This one closes the reader, which ends that read.
    async return() {
      left = true;
      reader.close();
      return { done: true, value: undefined };
    },
  };
}

/** A generator, because it serves steps that are asked for all at once one after the other. */
async function* splitLines(
  reader: Reader,
  text: LineBuffer,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, undefined> {
  try {
    for (;;) {
      throwIfAborted(signal);
      const line = text.next();
      if (line !== undefined) {
        yield line;
        continue;
      }
      const count = await reader.read(text.room(), { signal });
      if (count === null) break;
      text.add(count);
    }
    const last = text.last();
    if (last !== undefined) yield last;
  } catch (error) {
    reader.closeWithError(error); // Nobody will read on: the writer must not wait in vain.
    throw error;
  }
}
