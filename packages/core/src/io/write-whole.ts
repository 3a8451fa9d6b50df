import { fairTurn } from "../pipe/budget.ts";
import type { WriteOptions, Writer } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";

/**
 * Writes all of `bytes` and resolves with their number. If a foreign `Writer` accepts fewer bytes, it calls `write()` again with
 * the rest (PIPE-065). `progress` covers all of these calls.
 *
 * @throws {TypeError} If `write()` resolves with a value that is not an integer from 0 to the length.
 * @throws {NoProgressError} If it accepts 0 bytes 100 times in a row.
 * @throws The error that `writer.write()` rejects with.
 */
export async function writeWhole(writer: Writer, bytes: Uint8Array, options?: WriteOptions): Promise<number> {
  const { length } = bytes;
  const first: unknown = await writer.write(bytes, options);
  if (first === length) return length;
  const counts = new ForeignCount("write");
  const progress = options?.progress ?? { bytes: 0 };
  let written = counts.check(first, length);
  progress.bytes = written;
  while (written < length) {
    await fairTurn(0);
    throwIfAborted(options?.signal);
    const rest = bytes.subarray(written);
    const moved = { bytes: 0 };
    try {
      moved.bytes = counts.check(await writer.write(rest, { ...options, progress: moved }), rest.length);
    } finally {
      written += moved.bytes;
      progress.bytes = written;
    }
  }
  return length;
}
