import type { Progress, Reader, WaitOptions, Writer } from "../types.ts";
import { Copying } from "./copying.ts";

/** Options of {@link copy}. */
export interface CopyOptions extends WaitOptions {
  /** Counts the bytes that `writer` has accepted. */
  readonly progress?: Progress | undefined;
  /**
   * The most bytes to copy, an integer of at least 0. The rest stays to be read. Go calls it `io.CopyN`.
   *
   * @default {Infinity}
   */
  readonly maxBytes?: number | undefined;
  /**
   * Takes chunks that `reader` gives away, where it has `readChunk`, and gives them away to `writer`. It is faster where arrays come in by
   * `transfer` and go out as owned chunks, since these are not copied; elsewhere it is slower, since each chunk is a new array. It has no effect
   * together with `maxBytes`, since a chunk that is given away may be longer.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/**
 * Moves everything from `reader` to `writer` until the end, and resolves with the number of bytes. It has one chunk of at most 65,536 bytes in
 * hand at a time, so the slower side sets the pace. Go calls it `io.Copy`.
 *
 * It closes neither side: what goes to one writer may come from several readers. {@link pipeTo} closes both. It does not notice that the other
 * side of `writer` has closed while it waits for bytes, but at the next write.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, `writer` not a `Writer`, or an option of the wrong type. Nothing is read.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 0 nor `Infinity`. Nothing is read.
 * @throws The error of either side, the same object.
 * @throws `signal.reason` if the signal is, or becomes, aborted. Both sides stay usable.
 *
 * `progress.bytes` says how much was written. What was read and not written when it rejects, at most one chunk, is put back where `reader` has
 * `unread()`, as a pipe's has, and is lost elsewhere.
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
