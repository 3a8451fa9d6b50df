import { AbandonedPipeError, type ClosedPipeDetails, ClosedPipeError, type Side } from "../errors.ts";
import { CHUNK, FLUSH, WRITE } from "../pipe/operation.ts";
import { readError } from "./error-record.ts";
import { FAILED, LOST, READER_CLOSED, READER_SHIFT, STATE, WRITER_CLOSED } from "./layout.ts";

/** What is to be known of a call that fails. */
export interface Attempt {
  readonly kind: number;
  readonly length: number;
  readonly moved: number;
}

/** How calls fail on one end once a side has closed. */
export class Closings {
  readonly #words: Int32Array;
  readonly #side: Side;
  /** The error of each side, once it was read from the memory, so that every call gets the same object. */
  readonly #errors: { [side in Side]?: Error | undefined } = {};

  constructor(words: Int32Array, side: Side) {
    this.#words = words;
    this.#side = side;
  }

  /** What `call` fails with because `side` has closed: the error that the other side closed with, or one that says how far the call came. */
  failure(side: Side, call: Attempt): Error {
    const state = Atomics.load(this.#words, STATE);
    const how = side === "writer" ? state & WRITER_CLOSED : (state & READER_CLOSED) >> READER_SHIFT;
    if (how === FAILED) this.#errors[side] ??= readError(this.#words, side);
    const cause = this.#errors[side];
    if (cause !== undefined && side !== this.#side) return cause;
    const { kind, length, moved } = call;
    const isWrite = kind === WRITE;
    const operation = isWrite ? "write" : kind === FLUSH ? "flush" : "read";
    const what = isWrite
      ? `write ${length} bytes`
      : operation + (kind === FLUSH || kind === CHUNK ? "" : ` up to ${length} bytes`);
    const fate = how === LOST ? "was lost with its thread" : "closed";
    const reach = !isWrite ? "" : moved === 0 ? " before any was accepted" : ` after ${moved} were accepted`;
    const details: ClosedPipeDetails = {
      side,
      operation,
      bytesWritten: isWrite ? moved : 0,
      ...(cause !== undefined && { cause }),
    };
    const Kind = how === LOST ? AbandonedPipeError : ClosedPipeError;
    return new Kind(`Cannot ${what}: the ${side} ${fate}${reach}`, details);
  }
}
