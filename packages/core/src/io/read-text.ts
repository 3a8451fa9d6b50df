import { textDecoder } from "../platform.ts";
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
 * Reads to the end and resolves with all the text. As a `TextDecoder` does unless told otherwise, it drops a byte order
 * mark at the front, and puts U+FFFD where the bytes are not valid; where that will not do, decode what
 * {@link readAll} gives with a `TextDecoder` of your own.
 *
 * @throws {RangeError} If the platform does not know the encoding. Nothing is read.
 * @throws As {@link readAll} does, which counts bytes and not characters.
 *
 * @example
 * ```ts
 * await readText(fromIterable(["smör", "gås"])); // "smörgås"
 * ```
 */
export async function readText(reader: Reader, options?: ReadTextOptions): Promise<string> {
  const decoder = textDecoder(options?.encoding ?? "utf-8"); // Before anything is read: the encoding may be unknown.
  return decoder.decode(await readAll(reader, options));
}
