import { concat, concatMap, defer, type OperatorFunction } from "rxjs";
import { bytesOf } from "./bytes.ts";

/** Turns the bytes of one subscription into frames, and keeps the bytes of an unfinished frame. */
export interface Framing<Frame> {
  /** Takes the next bytes, and returns the frames they complete. */
  add(bytes: Uint8Array): Iterable<Frame>;
  /** Returns the frames that remain at the end of the source. */
  rest(): Iterable<Frame>;
}

/**
 * An operator that frames bytes or strings (as UTF-8), with separate state for each subscription. It emits
 * synchronously when the source emits; values that arrive during an emission are framed afterwards. If the source
 * fails, an unfinished frame is discarded.
 */
export function framed<Frame>(start: () => Framing<Frame>): OperatorFunction<Uint8Array | string, Frame> {
  return (source) =>
    defer(() => {
      const framing = start();
      return concat(
        source.pipe(concatMap((value) => framing.add(bytesOf(value, "read")))),
        defer(() => framing.rest()),
      );
    });
}
