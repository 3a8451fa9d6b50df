import { DEFAULT_MAX_BYTES, progressOf, signalOf } from "../options.ts";
import { textEncoder } from "../platform.ts";
import { requireWriter } from "../requirement.ts";
import type { Progress, WaitOptions, Writer } from "../types.ts";
import { describe } from "../value.ts";
import { throwIfAborted } from "./aborted.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link writeText}. */
export interface WriteTextOptions extends WaitOptions {
  /** Counts the bytes that `writer` has accepted. */
  readonly progress?: Progress | undefined;
}

/** The most bytes that UTF-8 needs for one code unit of a string. */
const BYTES_PER_UNIT = 3;

/**
 * Writes `text` as UTF-8 and resolves with the number of bytes. A surrogate without its partner is written as
 * U+FFFD, as a `TextEncoder` does. An empty text is a write of 0 bytes, which fails where any write would.
 *
 * At most 65,536 bytes of it are encoded at a time. A text that needs more is written by several writes: issue the
 * next write, or `close()`, when it has resolved.
 *
 * @throws {TypeError} If `writer` is not a `Writer`; the message names the function that makes one. Or if `text` is not a string, or an option is of the wrong type.
 * @throws The error of the writer, the same object.
 * @throws `signal.reason` if the signal is, or becomes, aborted. The writer stays usable; `progress.bytes` says how much
 * was written, which may be a part of a character.
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
    // As many code units as there may be bytes: half a surrogate pair at the end of such a piece finds no room any more.
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
