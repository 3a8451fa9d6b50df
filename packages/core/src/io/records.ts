import { chunkSizeOf, maxBytesOf } from "../options.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { Items } from "./items.ts";
import { DEFAULT_ITEM_BYTES } from "./line-buffer.ts";
import type { LinesOptions } from "./lines.ts";
import { ReadAhead } from "./read-ahead.ts";
import { delimiterOf, RecordBuffer } from "./record-buffer.ts";

/** Options of {@link records}. */
export interface RecordsOptions extends LinesOptions {
  /** The delimiter that ends each record: bytes, or text that is encoded as UTF-8. At least 1 byte. */
  readonly delimiter: string | Uint8Array;
}

/**
 * Iterates over the records of a stream, without their delimiters. The last record needs no delimiter. Each record is an array that the
 * consumer owns. Options, closing and errors are those of `lines`.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If `delimiter` is empty.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
 * @throws {RangeError} At a step, if a record has more than `maxBytes` bytes.
 * @throws `signal.reason` at a step, if the signal is or becomes aborted.
 * @throws The error of the reader at a step, as the same object, after the complete records.
 *
 * @example
 * ```ts
 * const paths = fromIterable(["a.txt\0b.txt\0"]); // As `find -print0` prints them.
 * for await (const path of records(paths, { delimiter: "\0" })) {
 *   console.log(new TextDecoder().decode(path)); // a.txt, b.txt
 * }
 * ```
 */
export function records(
  reader: Reader,
  options: RecordsOptions,
): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  requireReader(reader);
  const delimiter = delimiterOf(options?.delimiter);
  const bytes = new RecordBuffer(delimiter, maxBytesOf(options, DEFAULT_ITEM_BYTES), chunkSizeOf(options));
  return new Items(reader, new ReadAhead(reader, bytes, options.preventClose === true), options);
}
