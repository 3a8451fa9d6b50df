import { concat, concatMap, defer, type OperatorFunction } from "rxjs";
import { bytesOf } from "./bytes.ts";

/** Cuts the bytes of one subscription into something else, and keeps what is not whole yet. */
export interface Framing<Frame> {
  /** Takes the next bytes, and gives the frames that are whole with them. */
  add(bytes: Uint8Array): Iterable<Frame>;
  /** Gives what is left when no more bytes come. */
  rest(): Iterable<Frame>;
}

/**
 * An operator that frames bytes or strings (as UTF-8), each subscription by itself. It emits within the source's own
 * turn; values that come while it emits are framed after that. A source that fails leaves what is not whole behind.
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
