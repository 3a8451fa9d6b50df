import { requireInteger } from "@pipe512/core/adapter";
import type { OperatorFunction } from "rxjs";
import { framed } from "./framing.ts";
import type { TextDecoderClass } from "./text-decoder.ts";

declare const TextDecoder: TextDecoderClass;

/** Options of {@link lines}. */
export interface LinesOptions {
  /**
   * The most bytes a line may have, its terminator not counted; an integer of at least 1.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
}

const LF = 0x0a;

/**
 * An operator that emits the lines of a text in UTF-8, without the `\n` or `\r\n` that ends each of them; the last one needs
 * none. Lines and characters may be split across chunks anywhere. A `\r` elsewhere belongs to its line. A byte
 * order mark at the front is dropped, and what is not valid UTF-8 becomes U+FFFD.
 *
 * It keeps one unfinished line. One of more than `maxBytes` is a `RangeError`, after the lines before it.
 *
 * @throws {TypeError} If `maxBytes` is not a number.
 * @throws {RangeError} If `maxBytes` is not an integer, or less than 1.
 */
export function lines({
  maxBytes = 1_048_576,
}: LinesOptions = {}): OperatorFunction<Uint8Array | string, string> {
  requireInteger("maxBytes", maxBytes, 1);
  return framed(() => {
    const decoder = new TextDecoder(); // Of one stream, so that it drops no byte order mark but the first.
    let line = ""; // The unfinished line, and what it has of its terminator.
    let length = 0; // Its bytes.

    /** Gives the line if it is whole. */
    function* finish(isWhole: boolean, terminatorBytes: number): Iterable<string> {
      if (length - terminatorBytes > maxBytes) {
        throw new RangeError(`Cannot take a line of more than ${maxBytes} bytes: raise maxBytes`);
      }
      if (!isWhole) return;
      const whole = line.slice(0, line.length - terminatorBytes);
      line = "";
      length = 0;
      yield whole;
    }

    return {
      *add(bytes) {
        for (let at = 0; at < bytes.length; ) {
          const end = bytes.indexOf(LF, at) + 1;
          const part = bytes.subarray(at, end || bytes.length);
          at += part.length;
          length += part.length;
          line += decoder.decode(part, { stream: true });
          // The last byte of an unfinished one may be a CR, which belongs to its terminator.
          yield* finish(end > 0, end > 0 && line.endsWith("\r\n") ? 2 : 1);
        }
      },
      rest() {
        line += decoder.decode();
        return finish(length > 0, 0);
      },
    };
  });
}
