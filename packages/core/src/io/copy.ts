import type { Progress, Reader, WaitOptions, Writer } from "../types.ts";
import { Copying } from "./copying.ts";

/** Options of {@link copy}. */
export interface CopyOptions extends WaitOptions {
  /** Its `bytes` is the number of bytes that `writer` has accepted. */
  readonly progress?: Progress | undefined;
  /**
   * The maximum number of bytes to copy: an integer of at least 0, or `Infinity`. Further bytes stay readable. It corresponds
   * to Go's `io.CopyN`.
   *
   * @default {Infinity}
   */
  readonly maxBytes?: number | undefined;
  /**
   * Reads owned chunks with `readChunk`, if `reader` has it, and transfers them to `writer`.
   *
   * It is faster if the arrays were written with `transfer` and are read as owned chunks, because they are not copied. In
   * other cases it is slower, because each chunk is a new array. It has no effect together with `maxBytes`, because a
   * transferred chunk may be longer.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/**
 * Copies all bytes from `reader` to `writer`, and resolves with their number. It holds one chunk of at most 65,536 bytes at a
 * time, so the slower side determines the speed. It corresponds to Go's `io.Copy`.
 *
 * It closes neither side, so that several readers can be copied to one writer. {@link pipeTo} closes both. If the other side
 * of `writer` closes while the copy waits for bytes, it is noticed only at the next write.
 *
 * If it rejects, at most one chunk was read but not written. That chunk is put back if `reader` has `unread()`, as the reader
 * of a pipe has; otherwise it is lost. `progress.bytes` is the number of bytes written.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or `writer` is not a `Writer`. No byte is read.
 * @throws {TypeError} If an option has the wrong type. No byte is read.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 0 nor `Infinity`. No byte is read.
 * @throws The error of either side, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. Both sides stay usable.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((reader) => readText(reader));
 * console.log(await copy(fromIterable(["header\n"]), writer)); // 7
 * console.log(await copy(fromIterable(["body\n"]), writer, { maxBytes: 2 })); // 2
 * writer.close();
 * console.log((await result).length); // 9
 * ```
 */
export async function copy(reader: Reader, writer: Writer, options?: CopyOptions): Promise<number> {
  const copying = new Copying(reader, writer, options);
  for (;;) {
    const chunk = await copying.read();
    if (chunk === null) return copying.total;
    await copying.write(chunk);
  }
}
