import { textDecoder } from "../platform.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { type ReadAllOptions, readAll } from "./read-all.ts";

/** Options of {@link readText}. */
export interface ReadTextOptions extends ReadAllOptions {
  /**
   * The encoding of the bytes, by any label that the platform's `TextDecoder` knows: `"utf-8"`, `"utf-16le"`,
   * `"latin1"`, …
   *
   * @default {"utf-8"}
   */
  readonly encoding?: string | undefined;
}

/**
 * Reads to the end and resolves with all the text. As a `TextDecoder` does by default, it drops a byte order mark at the front, and
 * puts U+FFFD where the bytes are not valid. For other rules decode the result of {@link readAll} with a `TextDecoder` of your own.
 *
 * @throws {TypeError} If `reader` is not a `Reader`; the message names the function that makes one.
 * @throws {RangeError} If the platform does not know the encoding. Nothing is read.
 * @throws As {@link readAll} does, which counts bytes and not characters.
 *
 * @example
 * ```ts
 * await readText(fromIterable(["smör", "gås"])); // "smörgås"
 * ```
 */
export async function readText(reader: Reader, options?: ReadTextOptions): Promise<string> {
  requireReader(reader);
  const decoder = textDecoder(options?.encoding ?? "utf-8"); // Before anything is read: the encoding may be unknown.
  return decoder.decode(await readAll(reader, options));
}
