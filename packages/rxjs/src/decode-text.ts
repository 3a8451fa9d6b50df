import type { OperatorFunction } from "rxjs";
import { framed } from "./framing.ts";
import type { TextDecoderClass } from "./text-decoder.ts";

declare const TextDecoder: TextDecoderClass;

/**
 * An operator that decodes bytes to text. A character that is split across chunks arrives whole: it keeps the bytes of one
 * unfinished character and no more. As a `TextDecoder` does, it drops a byte order mark at the front and puts U+FFFD
 * where the bytes are not valid. It emits no empty strings.
 *
 * @param encoding Any label that the platform's `TextDecoder` knows: `"utf-8"` unless told, `"utf-16le"`, `"latin1"`, …
 * @throws {RangeError} If the platform does not know the encoding.
 */
export function decodeText(encoding = "utf-8"): OperatorFunction<Uint8Array, string> {
  const { encoding: known } = new TextDecoder(encoding); // Throws here, and not at a subscription.
  return framed(() => {
    const decoder = new TextDecoder(known);
    const decode = (bytes?: Uint8Array): string[] =>
      [decoder.decode(bytes, { stream: bytes !== undefined })].filter(Boolean);
    return { add: decode, rest: decode };
  });
}
