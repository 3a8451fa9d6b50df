import { DEFAULT_MAX_BYTES } from "../options.ts";
import type { Progress, Reader, WaitOptions, Writer } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";

/** Options of {@link copy}. */
export interface CopyOptions extends WaitOptions {
  /** Counts the bytes that `writer` has accepted. */
  readonly progress?: Progress | undefined;
  /**
   * Takes chunks that `reader` gives away, where it has `readChunk`, and gives them away to `writer`. It is faster where
   * arrays come in by `transfer` and go out as owned chunks, since these are not copied; elsewhere it is slower, since
   * each chunk is a new array.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/**
 * Moves everything from `reader` to `writer` until the end, and resolves with the number of bytes. It has one chunk
 * of at most 65,536 bytes in hand at a time, so the slower side sets the pace. Go calls it `io.Copy`.
 *
 * It closes neither side: what goes to one writer may come from several readers. It does not notice that the other
 * side of `writer` has closed while it waits for bytes, but at the next write.
 *
 * @throws The error of either side, the same object.
 * @throws `signal.reason` if the signal is, or becomes, aborted. Both sides stay usable. What was read and not yet
 * written by then, at most one chunk, is lost; `progress.bytes` says how much was written.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * const text = readText(reader);
 * await copy(fromIterable(["header\n"]), writer); // 7
 * await copy(fromIterable(["body\n"]), writer); // 5
 * writer.close();
 * await text; // "header\nbody\n"
 * ```
 */
export async function copy(reader: Reader, writer: Writer, options?: CopyOptions): Promise<number> {
  const signal = options?.signal;
  const progress = options?.progress ?? { bytes: 0 };
  const readChunk = options?.transfer === true ? reader.readChunk?.bind(reader) : undefined;
  const into = new Uint8Array(readChunk === undefined ? DEFAULT_MAX_BYTES : 0);
  let total = 0;
  progress.bytes = 0;
  for (;;) {
    throwIfAborted(signal);
    let chunk: Uint8Array | null;
    if (readChunk === undefined) {
      const count = await reader.read(into, { signal });
      chunk = count === null ? null : into.subarray(0, count);
    } else {
      chunk = await readChunk({ signal });
    }
    if (chunk === null) return total;
    const written = { bytes: 0 };
    try {
      throwIfAborted(signal);
      written.bytes = await writer.write(chunk, {
        signal,
        progress: written,
        transfer: readChunk !== undefined,
      });
    } finally {
      progress.bytes = total += written.bytes;
    }
  }
}
