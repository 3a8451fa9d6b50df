import { requireBytes } from "../bytes.ts";
import { UnexpectedEndError } from "../errors.ts";
import { progressOf, requireInteger, signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { ReadOptions, Reader } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";

/**
 * Reads into `into` until it holds at least `minBytes` bytes. Resolves with the number of bytes, which may be greater, or with
 * `null` if the stream ends before the first byte. It corresponds to Go's `io.ReadAtLeast`. If `minBytes` is 0, it is the same
 * as `read`.
 *
 * It may call `read()` several times. Other reads of the same reader may then take bytes in between.
 *
 * @param minBytes An integer from 0 to `into.length`.
 * @throws {TypeError} If `reader` is not a `Reader`, or `into` is not a `Uint8Array`.
 * @throws {TypeError} If `minBytes` is not a number, or an option has the wrong type.
 * @throws {RangeError} If `minBytes` is not an integer from 0 to `into.length`.
 * @throws {UnexpectedEndError} If the stream ends before `minBytes` bytes. Its `bytesRead` bytes are in the array.
 * @throws The error of the reader, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. The reader stays open. `progress.bytes` bytes are in the array,
 * and the next read continues after them.
 *
 * @example
 * ```ts
 * const into = new Uint8Array(4096);
 * console.log(await readAtLeast(fromIterable(["GIF", "89a", "more"]), into, 6)); // 6
 * ```
 */
export async function readAtLeast(
  reader: Reader,
  into: Uint8Array,
  minBytes: number,
  options?: ReadOptions,
): Promise<number | null> {
  requireReader(reader);
  const { length } = requireBytes(into, "read into");
  requireInteger("minBytes", minBytes, 0);
  if (minBytes > length) {
    throw new RangeError(
      `minBytes must be at most the length of the array, which is ${length}; got ${minBytes}`,
    );
  }
  const signal = options?.signal;
  signalOf(options);
  const progress = progressOf(options) ?? { bytes: 0 };
  const counts = new ForeignCount("read");
  let filled = 0;
  do {
    throwIfAborted(signal);
    const rest = filled === 0 ? into : into.subarray(filled, length);
    const count = await reader.read(rest, { signal });
    if (count === null) {
      if (filled === 0) return null;
      throw new UnexpectedEndError(`Cannot read ${minBytes} bytes: the stream ended after ${filled}`, {
        bytesRead: filled,
      });
    }
    progress.bytes = filled += counts.check(count, rest.length);
    const turn = fairTurn(count);
    if (turn !== undefined) await turn;
  } while (filled < minBytes);
  return filled;
}
