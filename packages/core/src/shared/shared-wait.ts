import type { Side } from "../errors.ts";
import type { AdapterWait } from "../pipe/observer.ts";
import { FLUSH, type Operation, WRITE } from "../pipe/operation.ts";
import { threadsOf } from "./roster.ts";
import { nameOfThread, ownThreadName, thisThread } from "./thread.ts";

/** The names of the operations, by their kind. A step of an iteration is a `readChunk`. */
const NAMES = ["write", "flush", "read", "readChunk"] as const;

/** A call of a shared end that waits by a promise, for diagnostics. The text of `waitsFor` is made only when a report reads it. */
export class SharedWait implements AdapterWait {
  readonly side: Side;
  readonly operation: string;
  readonly thread: string = ownThreadName;
  readonly #words: Int32Array;
  readonly #call: Operation;

  constructor(words: Int32Array, side: Side, call: Operation) {
    this.side = side;
    this.operation = NAMES[call.kind] ?? "read";
    this.#words = words;
    this.#call = call;
  }

  get waitsFor(): string {
    const { kind, length, moved } = this.#call;
    const left = length - moved;
    const wanted =
      kind === WRITE
        ? `for ${left} ${left === 1 ? "byte" : "bytes"} of room`
        : kind === FLUSH
          ? "for the reader to take what was written"
          : "for a byte";
    return `${wanted}; ${this.#peer()}`;
  }

  /** Describes the threads that can end the wait. */
  #peer(): string {
    const peer = this.side === "reader" ? "writer" : "reader";
    const threads = threadsOf(this.#words, peer);
    if (threads.length === 0) return `no thread has the ${peer} attached`;
    const names = threads.map((thread) => (thread === thisThread ? "this thread" : nameOfThread(thread)));
    return `the ${peer} is attached in ${[...new Set(names)].join(", ")}`;
  }
}
