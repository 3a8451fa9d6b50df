import { DEFAULT_MAX_BYTES, progressOf, signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { ReadOptions, Reader } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";

/**
 * Reads to the end, drops all bytes, and resolves with their number. Use it for a source that must be read instead of closed,
 * such as an unwanted part of an upload. It corresponds to Go's `io.Copy(io.Discard, reader)`.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws The error of the reader, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. The reader stays open. `progress.bytes` bytes were dropped.
 *
 * @example
 * ```ts
 * console.log(await discard(fromIterable(["not", "needed"]))); // 9
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
