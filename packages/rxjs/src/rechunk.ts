import { requireInteger } from "@pipe512/core/adapter";
import type { OperatorFunction } from "rxjs";
import { framed } from "./framing.ts";

/**
 * An operator that cuts bytes or strings (as UTF-8) into arrays of exactly `size` bytes; the last one may be shorter.
 * The subscriber owns the arrays. The operator keeps fewer than `size` bytes.
 *
 * @throws {TypeError} If `size` is not a number.
 * @throws {RangeError} If `size` is not an integer, or less than 1.
 */
export function rechunk(size: number): OperatorFunction<Uint8Array | string, Uint8Array> {
  requireInteger("size", size, 1);
  return framed(() => {
    let frame = new Uint8Array(size);
    let filled = 0;
    return {
      *add(bytes) {
        for (let at = 0; at < bytes.length; ) {
          const part = bytes.subarray(at, at + size - filled);
          frame.set(part, filled);
          at += part.length;
          filled += part.length;
          if (filled < size) return;
          yield frame;
          frame = new Uint8Array(size);
          filled = 0;
        }
      },
      *rest() {
        if (filled > 0) yield frame.slice(0, filled);
      },
    };
  });
}
