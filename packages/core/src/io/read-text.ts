import { textDecoder } from "../platform.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { type ReadAllOptions, readAll } from "./read-all.ts";

/** Options of {@link readText}. */
export interface ReadTextOptions extends ReadAllOptions {
  /**
   * The encoding of the bytes: any label that the platform's `TextDecoder` supports, such as `"utf-8"`, `"utf-16le"` or
   * `"latin1"`.
   *
   * @default {"utf-8"}
   */
  readonly encoding?: string | undefined;
}

/**
 * Reads to the end and resolves with the text. Like a `TextDecoder` with default options, it removes a byte order mark at the
 * start and replaces invalid bytes by U+FFFD. For other options, decode the result of {@link readAll} yourself.
 *
 * @throws {TypeError} If `reader` is not a `Reader`. The message names the function that converts it.
 * @throws {RangeError} If the platform does not support the encoding. No byte is read.
 * @throws The errors of {@link readAll}. `maxBytes` counts bytes, not characters.
 *
 * @example
 * ```ts
 * await readText(fromIterable(["smör", "gås"])); // "smörgås"
 * ```
 */
export async function readText(reader: Reader, options?: ReadTextOptions): Promise<string> {
  requireReader(reader);
  const decoder = textDecoder(options?.encoding ?? "utf-8"); // Throws before any byte is read.
  return decoder.decode(await readAll(reader, options));
}
