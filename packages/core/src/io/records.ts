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
  /** What ends each record: bytes, or text that is taken as UTF-8. At least 1 byte. */
  readonly delimiter: string | Uint8Array;
}

/**
 * The records of a stream, without the delimiter that ends each of them; the last one needs none. Each is an array that the consumer owns. It
 * is `lines` for bytes: the options, closing and errors are the same.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or an option is of the wrong type.
 * @throws {RangeError} If `delimiter` is empty, or `maxBytes` or `chunkSize` is not an integer of at least 1. At a step: if a record has
 * more than `maxBytes` bytes.
 * @throws `signal.reason` at a step, if the signal is, or becomes, aborted.
 * @throws The reader's error at a step, the same object, after the whole records before it.
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
