import type { OperatorFunction } from "rxjs";
import { framed } from "./framing.ts";
import type { TextDecoderClass } from "./text-decoder.ts";

declare const TextDecoder: TextDecoderClass;

/**
 * An operator that decodes bytes to text. A character split across chunks is emitted whole; the operator keeps the
 * bytes of at most one unfinished character. Like `TextDecoder`, it drops a leading byte order mark and replaces
 * invalid bytes with U+FFFD. It never emits an empty string.
 *
 * @param encoding Any label that the platform's `TextDecoder` supports, such as `"utf-16le"` or `"latin1"`. Default:
 * `"utf-8"`.
 * @throws {RangeError} If the platform does not support `encoding`.
 */
export function decodeText(encoding = "utf-8"): OperatorFunction<Uint8Array, string> {
  const { encoding: known } = new TextDecoder(encoding); // Throws at the call instead of at a subscription.
  return framed(() => {
    const decoder = new TextDecoder(known);
    const decode = (bytes?: Uint8Array): string[] =>
      [decoder.decode(bytes, { stream: bytes !== undefined })].filter(Boolean);
    return { add: decode, rest: decode };
  });
}
