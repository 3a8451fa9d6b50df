import { isBytes } from "../bytes.ts";
import { textEncoder } from "../platform.ts";
import { describe } from "../value.ts";
import { ByteBuffer } from "./byte-buffer.ts";

/** Splits bytes into records, each of which ends with a delimiter. */
export class RecordBuffer extends ByteBuffer {
  readonly #delimiter: Uint8Array;
  readonly #maxBytes: number;

  constructor(delimiter: Uint8Array, maxBytes: number, chunkSize: number) {
    super(chunkSize);
    this.#delimiter = delimiter;
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next complete record, without its delimiter. Returns `undefined` if there is none.
   *
   * @throws {RangeError} If the record is longer than `maxBytes`.
   */
  next(): Uint8Array<ArrayBuffer> | undefined {
    const length = recordLength(this, this.#delimiter, this.#maxBytes);
    if (length === -1) return undefined;
    const record = this.take(length);
    this.skip(this.#delimiter.length);
    return record;
  }

  /**
   * Takes the last record, which has no delimiter. Returns `undefined` if there is none.
   *
   * @throws {RangeError} If it is longer than `maxBytes`.
   */
  last(): Uint8Array<ArrayBuffer> | undefined {
    if (this.length > this.#maxBytes) throw tooLong(this.#maxBytes);
    return this.length === 0 ? undefined : this.take(this.length);
  }
}

/**
 * Returns the number of bytes before the delimiter, or -1 if the delimiter is not in `bytes`.
 *
 * @throws {RangeError} If the record is longer than `maxBytes`.
 */
export function recordLength(bytes: ByteBuffer, delimiter: Uint8Array, maxBytes: number): number {
  const length = bytes.find(delimiter);
  // Without a delimiter, the bytes may end with an incomplete one, which is not part of the record.
  if ((length === -1 ? bytes.length - (delimiter.length - 1) : length) > maxBytes) throw tooLong(maxBytes);
  return length;
}

export function tooLong(maxBytes: number): RangeError {
  return new RangeError(`Cannot read a record of more than ${maxBytes} bytes: raise maxBytes`);
}

/**
 * Returns the bytes of a delimiter that a caller passed. A string is encoded as UTF-8.
 *
 * @throws {TypeError} If it is neither a `Uint8Array` nor a string.
 * @throws {RangeError} If it is empty.
 */
export function delimiterOf(delimiter: unknown): Uint8Array {
  if (typeof delimiter !== "string" && !isBytes(delimiter)) {
    throw new TypeError(`delimiter must be a string or a Uint8Array; got ${describe(delimiter)}`);
  }
  const bytes = typeof delimiter === "string" ? textEncoder().encode(delimiter) : delimiter.slice();
  if (bytes.length === 0) throw new RangeError("delimiter must have at least 1 byte; got an empty one");
  return bytes;
}
