import { requireBytes } from "../bytes.ts";
import { UnexpectedEndError } from "../errors.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { ReadOptions, Reader } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";

/**
 * Fills the whole of `into` and resolves with its length, or with `null` where the stream has ended and nothing was
 * read. Go calls it `io.ReadFull`. An empty array is answered as `read` answers it: with 0, or with `null` at the end.
 *
 * It may read several times. Other reads of the same reader that are issued meanwhile take their bytes in between.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or answers something that is not a count; if `into` is not a `Uint8Array`.
 * @throws {NoProgressError} If `reader` answers 0 bytes 100 times in a row without the event loop turning.
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
  requireReader(reader);
  requireBytes(into, "read into");
  const signal = options?.signal;
  const progress = options?.progress ?? { bytes: 0 };
  const { length } = into;
  const counts = new ForeignCount("read");
  let filled = 0;
  progress.bytes = 0;
  do {
    throwIfAborted(signal);
    const answer = await reader.read(filled === 0 ? into : into.subarray(filled, length), { signal });
    if (answer === null) {
      if (filled === 0) return null;
      throw new UnexpectedEndError(`Cannot read ${length} bytes: the stream ended after ${filled}`, {
        bytesRead: filled,
      });
    }
    progress.bytes = filled += counts.check(answer, length - filled);
    if (filled < length) await fairTurn(0);
  } while (filled < length);
  return length;
}
