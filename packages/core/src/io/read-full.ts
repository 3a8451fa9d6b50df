import type { ReadOptions, Reader } from "../types.ts";
import { readAtLeast } from "./read-at-least.ts";

/**
 * Reads until `into` is full, and resolves with its length, or with `null` if the stream ends before the first byte. It
 * corresponds to Go's `io.ReadFull`. For an empty array it is the same as `read`.
 *
 * It may call `read()` several times. Other reads of the same reader may then take bytes in between.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or `into` is not a `Uint8Array`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {UnexpectedEndError} If the stream ends before `into` is full. Its `bytesRead` bytes are in the array.
 * @throws The error of the reader, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. The reader stays open. `progress.bytes` bytes are in the array,
 * and the next read continues after them.
 *
 * @example
 * ```ts
 * const header = new Uint8Array(4);
 * while ((await readFull(reader, header)) !== null) {
 *   const body = new Uint8Array(new DataView(header.buffer).getUint32(0));
 *   if ((await readFull(reader, body)) === null && body.length > 0) throw new Error("A body is missing");
 * }
 * ```
 */
export async function readFull(
  reader: Reader,
  into: Uint8Array,
  options?: ReadOptions,
): Promise<number | null> {
  return readAtLeast(reader, into, (into as Partial<Uint8Array> | null)?.length ?? 0, options);
}
