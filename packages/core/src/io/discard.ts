import { DEFAULT_MAX_BYTES, progressOf, signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { ReadOptions, Reader } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";

/**
 * Reads to the end, drops everything, and resolves with the number of bytes. It is for sources that have to be read and not closed, such as
 * the part of an upload that is not wanted. Go calls it `io.Copy(io.Discard, reader)`.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or an option is of the wrong type.
 * @throws The reader's error, the same object.
 * @throws `signal.reason` if the signal is, or becomes, aborted. The reader stays open; `progress.bytes` bytes are dropped.
 *
 * @example
 * ```ts
 * console.log(await discard(fromIterable(["nobody", "wants", "this"]))); // 15
 * ```
 */
export async function discard(reader: Reader, options?: ReadOptions): Promise<number> {
  requireReader(reader);
  signalOf(options);
  const signal = options?.signal;
  const progress = progressOf(options) ?? { bytes: 0 };
  const into = new Uint8Array(DEFAULT_MAX_BYTES);
  const counts = new ForeignCount("read");
  for (let total = 0; ; progress.bytes = total) {
    throwIfAborted(signal);
    const count = await reader.read(into, { signal });
    if (count === null) return total;
    total += counts.check(count, into.length);
    const turn = fairTurn(count);
    if (turn !== undefined) await turn;
  }
}
