import { DEFAULT_MAX_BYTES, progressOf, signalOf } from "../options.ts";
import { textEncoder } from "../platform.ts";
import { requireWriter } from "../requirement.ts";
import type { Progress, WaitOptions, Writer } from "../types.ts";
import { describe } from "../value.ts";
import { throwIfAborted } from "./aborted.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link writeText}. */
export interface WriteTextOptions extends WaitOptions {
  /** Its `bytes` is the number of bytes that `writer` has accepted. */
  readonly progress?: Progress | undefined;
}

/** The most bytes that UTF-8 needs for one code unit of a string. */
const BYTES_PER_UNIT = 3;

/**
 * Writes `text` as UTF-8 and resolves with the number of bytes. A lone surrogate is written as U+FFFD, as `TextEncoder` does.
 * An empty text is a write of 0 bytes, which rejects if the writer is closed.
 *
 * At most 65,536 bytes are encoded at a time, so a long text needs several writes. Wait until the promise resolves before you
 * issue the next write or `close()`.
 *
 * @throws {TypeError} If `writer` is not a `Writer`. The message names the function that converts it.
 * @throws {TypeError} If `text` is not a string.
 * @throws {TypeError} If an option has the wrong type.
 * @throws The error of the writer, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. The writer stays usable. `progress.bytes` bytes were written,
 * which may end inside a character.
 *
 * @example
 * ```ts
 * await writeText(writer, "smörgås"); // 9
 * ```
 */
export async function writeText(writer: Writer, text: string, options?: WriteTextOptions): Promise<number> {
  requireWriter(writer);
  if (typeof text !== "string") throw new TypeError(`text must be a string; got ${describe(text)}`);
  signalOf(options);
  const signal = options?.signal;
  const progress = progressOf(options) ?? { bytes: 0 };
  const encoder = textEncoder();
  const into = new Uint8Array(Math.min(text.length * BYTES_PER_UNIT, DEFAULT_MAX_BYTES));
  let at = 0;
  let total = 0;
  do {
    throwIfAborted(signal);
    // A piece has at most one code unit for each byte of `into`. If it ends inside a surrogate pair, no room is left for that half.
    const encoded = encoder.encodeInto(text.slice(at, at + DEFAULT_MAX_BYTES), into);
    const written = { bytes: 0 };
    try {
      await writeWhole(writer, into.subarray(0, encoded.written), { signal, progress: written });
      written.bytes = encoded.written;
    } finally {
      progress.bytes = total += written.bytes;
    }
    at += encoded.read;
  } while (at < text.length);
  return total;
}
