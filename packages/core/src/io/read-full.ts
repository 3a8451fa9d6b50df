import type { ReadOptions, Reader } from "../types.ts";
import { readAtLeast } from "./read-at-least.ts";

/**
 * Fills the whole of `into` and resolves with its length, or with `null` where the stream has ended and nothing was
 * read. Go calls it `io.ReadFull`. An empty array is answered as `read` answers it: with 0, or with `null` at the end.
 *
 * It may read several times. Other reads of the same reader that are issued meanwhile take their bytes in between.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, `into` not a `Uint8Array`, or an option of the wrong type.
 * @throws {UnexpectedEndError} If the stream ends before `into` is full. `bytesRead` bytes are in the array.
 * @throws The reader's error, the same object.
 * @throws `signal.reason` if the signal is, or becomes, aborted. The reader stays open, `progress.bytes` bytes are in the
 * array, and the next read goes on behind them.
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
