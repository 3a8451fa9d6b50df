import { AbandonedPipeError, type ClosedPipeDetails, ClosedPipeError, type Side } from "../errors.ts";
import { CHUNK, FLUSH, WRITE } from "../pipe/operation.ts";
import { readError } from "./error-record.ts";
import { FAILED, LOST, READER_CLOSED, READER_SHIFT, STATE, WRITER_CLOSED } from "./layout.ts";

/** The properties of a failed call that its error message contains. */
export interface Attempt {
  readonly kind: number;
  readonly length: number;
  readonly moved: number;
}

/** Makes the errors of calls on one end after a side has closed. */
export class Closings {
  readonly #words: Int32Array;
  readonly #side: Side;
  /** The error of each side, cached so that every call rejects with the same object. */
  readonly #errors: { [side in Side]?: Error | undefined } = {};

  constructor(words: Int32Array, side: Side) {
    this.#words = words;
    this.#side = side;
  }

  /** The error of `call` because `side` has closed: the other side's own error, or a `ClosedPipeError`. */
  failure(side: Side, call: Attempt): Error {
    const state = Atomics.load(this.#words, STATE);
    const how = side === "writer" ? state & WRITER_CLOSED : (state & READER_CLOSED) >> READER_SHIFT;
    if (how === FAILED || how === LOST) this.#errors[side] ??= readError(this.#words, side);
    const cause = this.#errors[side];
    if (how === FAILED && cause !== undefined && side !== this.#side) return cause;
    const fate = how === LOST ? `the thread of the ${side} died` : `the ${side} closed`;
    const details = { ...detailsOf(side, call), ...(cause !== undefined && { cause }) };
    const Kind = how === LOST ? AbandonedPipeError : ClosedPipeError;
    return new Kind(`Cannot ${attemptOf(call)}: ${fate}${reachOf(call)}`, details);
  }

  /** The error of `call` because its end was detached. */
  detached(call: Attempt): Error {
    const message = `Cannot ${attemptOf(call)}: this end was detached. Attach the handle again, or detach later`;
    return new ClosedPipeError(message, detailsOf(this.#side, call));
  }
}

/** Describes a call for a message: `write 5 bytes`. */
export function attemptOf({ kind, length }: Attempt): string {
  if (kind === WRITE) return `write ${length} bytes`;
  if (kind === FLUSH) return "flush";
  return kind === CHUNK ? "read" : `read up to ${length} bytes`;
}

function reachOf({ kind, moved }: Attempt): string {
  if (kind !== WRITE) return "";
  return moved === 0 ? " before any was accepted" : ` after ${moved} were accepted`;
}

function detailsOf(side: Side, { kind, moved }: Attempt): ClosedPipeDetails {
  const isWrite = kind === WRITE;
  const operation = isWrite ? "write" : kind === FLUSH ? "flush" : "read";
  return { side, operation, bytesWritten: isWrite ? moved : 0 };
}
