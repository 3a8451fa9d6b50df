import { requireInteger } from "@pipe512/core/adapter";
import type { OperatorFunction } from "rxjs";
import { framed } from "./framing.ts";
import type { TextDecoderClass } from "./text-decoder.ts";

declare const TextDecoder: TextDecoderClass;

/** Options of {@link lines}. */
export interface LinesOptions {
  /**
   * The maximum length of a line in bytes, without its terminator; an integer of at least 1.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
}

const LF = 0x0a;

/**
 * An operator that emits the lines of a UTF-8 text without their terminators, `\n` or `\r\n`. The last line needs no
 * terminator. Lines and characters may be split across chunks anywhere. A `\r` elsewhere is part of its line. A leading
 * byte order mark is dropped, and invalid UTF-8 becomes U+FFFD.
 *
 * It keeps one unfinished line. If a line is longer than `maxBytes`, the operator emits the lines before it, then fails
 * with a `RangeError`.
 *
 * @throws {TypeError} If `maxBytes` is not a number.
 * @throws {RangeError} If `maxBytes` is not an integer, or less than 1.
 */
export function lines({
  maxBytes = 1_048_576,
}: LinesOptions = {}): OperatorFunction<Uint8Array | string, string> {
  requireInteger("maxBytes", maxBytes, 1);
  return framed(() => {
    const decoder = new TextDecoder(); // One decoder for the whole text, so that only a leading byte order mark is dropped.
    let line = ""; // The unfinished line, including any part of its terminator.
    let length = 0; // The length of `line` in bytes.

    /** Yields the line if it is complete. */
    function* finish(isWhole: boolean, terminatorBytes: number): Iterable<string> {
      if (length - terminatorBytes > maxBytes) {
        throw new RangeError(`Cannot read a line of more than ${maxBytes} bytes: raise maxBytes`);
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
          // The last byte of an unfinished line may be a CR, which would be part of its terminator.
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
