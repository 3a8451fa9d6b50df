import type { Watched } from "@pipe512/testing/promises";
import type { Close } from "./schedule.ts";
import {
  doneStep,
  either,
  fulfils,
  rejectsAsClosed,
  rejectsWith,
  succeeds,
  type Verdict,
} from "./verdict.ts";

/** A call that was made on the pipe. */
export interface Call {
  readonly name: string;
  readonly watched: Watched<unknown>;
  /** The required outcome, once it is determined. Until then the call may wait. Set once, by the {@link Ledger}. */
  verdict: Verdict | undefined;
}

export interface WriteCall extends Call {
  readonly bytes: Uint8Array;
  readonly transfer: boolean;
  /** How many of its bytes were accepted. Increased by {@link Ledger.attribute}. */
  moved: number;
  /** The count that the pipe reports, if the call has a `progress`. */
  readonly progress: { readonly bytes: number } | undefined;
}

export interface ReadCall extends Call {
  readonly kind: "read" | "readChunk" | "next" | "view";
  /** The maximum number of bytes that it may return. A transferred array is an exception: it is returned as a whole. */
  readonly limit: number;
  /** How many bytes it has read, if the call has a `progress`; otherwise known once it settles. */
  readonly progress: { readonly bytes: number } | undefined;
  /** Its result, once it has settled; the bytes are missing if the test did not read them in time. */
  readonly brought: () => { readonly length: number; readonly bytes: Uint8Array | undefined };
}

export interface FlushCall extends Call {
  /** The writes that were issued before it. */
  readonly writes: readonly WriteCall[];
}

interface Closing {
  readonly how: Close["how"];
  readonly error: unknown;
}

export function check(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Error(message());
}

const isPending = ({ verdict, watched }: Call): boolean =>
  verdict === undefined && watched.state === "pending";

/**
 * The calls of a pipe and their results, as plain lists in call order.
 * The guarantees of the contract are checked on these lists.
 */
export class Ledger {
  readonly writes: WriteCall[] = [];
  readonly reads: ReadCall[] = [];
  readonly flushes: FlushCall[] = [];
  writerClosing: Closing | undefined = undefined;
  readerClosing: Closing | undefined = undefined;
  /** Whether an own failure may have dropped bytes that a flush waits for. While those bytes can still be read, the flush may also succeed. */
  flushMayFail = false;
  /** The outcome of a read at the end of the stream. */
  end: Verdict = { text: "does not end yet", holds: () => false };

  get calls(): readonly Call[] {
    return [...this.writes, ...this.reads, ...this.flushes];
  }

  /** Bytes accepted: the first ones of each write. */
  get accepted(): number {
    return this.writes.reduce((sum, { moved }) => sum + moved, 0);
  }

  /** Writes whose bytes are not all accepted, and may still be. */
  get unfinished(): readonly WriteCall[] {
    return this.writes.filter((write) => isPending(write) && write.moved < write.bytes.length);
  }

  /** Reads that are pending and may still receive bytes. */
  get hungry(): readonly ReadCall[] {
    return this.reads.filter((read) => isPending(read) && (read.progress?.bytes ?? 0) === 0);
  }

  /** Records that the pipe has accepted `total` bytes so far. Writes are accepted in call order, so this determines the bytes of each. */
  attribute(total: number): void {
    let rest = total - this.accepted;
    for (const write of this.unfinished) {
      const share = Math.min(rest, write.bytes.length - write.moved);
      write.moved += share;
      rest -= share;
    }
    check(
      rest === 0,
      () => `The writer counts ${total} bytes, ${rest} more than its writes can have brought`,
    );
    for (const { name, moved, progress } of this.writes) {
      const told = progress?.bytes ?? moved;
      check(told === moved, () => `${name} tells of ${told} bytes, and ${moved} are its own`);
    }
  }

  /** Whether the stream has ended: no more bytes come, and all accepted bytes were read. */
  ended(bytesRead: number): boolean {
    return this.writerClosing !== undefined && this.unfinished.length === 0 && this.accepted === bytesRead;
  }

  /** The outcome of a write that is issued now and must fail; `undefined` if it need not. */
  get refusalOfWrites(): Verdict | undefined {
    if (this.writerClosing !== undefined) return rejectsAsClosed("writer");
    return this.readerClosing === undefined ? undefined : this.#failureOfWrites(0);
  }

  /** The outcome of a read that is issued now and must fail; `undefined` if it need not. */
  get refusalOfReads(): Verdict | undefined {
    return this.readerClosing === undefined ? undefined : rejectsAsClosed("reader");
  }

  abortWrite(write: WriteCall, reason: unknown): void {
    this.#interruptWrite(write, rejectsWith(reason));
  }

  abortRead(read: ReadCall, reason: unknown, bytesRead: number): void {
    this.#interruptRead(read, rejectsWith(reason), bytesRead);
  }

  abortFlush(flush: FlushCall, reason: unknown): void {
    this.#interruptFlush(flush, rejectsWith(reason));
  }

  closeWriter(how: Close["how"], error: unknown): void {
    if (this.writerClosing !== undefined) return;
    this.writerClosing = { how, error };
    this.end = how === "close" ? either(fulfils(null), doneStep) : rejectsWith(error);
    if (how === "closeWithError" && this.readerClosing === undefined) this.#cutOffWrites();
  }

  closeReader(how: Close["how"], error: unknown, bytesRead: number): void {
    if (this.readerClosing !== undefined) return;
    for (const read of this.reads) this.#interruptRead(read, rejectsAsClosed("reader"), bytesRead);
    this.readerClosing = { how, error };
    for (const write of this.writes) this.#interruptWrite(write, this.#failureOfWrites(write.moved));
    for (const flush of this.flushes) this.#interruptFlush(flush, this.#failureOfWrites("any"));
  }

  /** The signal of the whole pipe was aborted. */
  abortPipe(reason: unknown): void {
    if (this.readerClosing !== undefined) return;
    if (this.writerClosing === undefined) return this.closeWriter("closeWithError", reason);
    if (this.writerClosing.how === "closeWithError") return;
    if (this.unfinished.length === 0) return;
    this.writerClosing = { how: "closeWithError", error: reason };
    this.end = rejectsWith(reason);
    this.#cutOffWrites();
  }

  /** An own `closeWithError()`, or the abort of the pipe, rejects the writes in flight. */
  #cutOffWrites(): void {
    for (const write of this.writes) this.#interruptWrite(write, rejectsAsClosed("writer", write.moved));
    this.flushMayFail = true;
  }

  /** The outcome of the writes in flight when the reader closes. */
  #failureOfWrites(bytes: number | "any"): Verdict {
    const { how, error } = this.readerClosing as Closing;
    return how === "close" ? rejectsAsClosed("reader", bytes) : rejectsWith(error);
  }

  /** An interrupted write succeeds if all of its bytes are accepted, and fails otherwise. */
  #interruptWrite(write: WriteCall, failure: Verdict): void {
    if (!isPending(write)) return;
    const { length } = write.bytes;
    write.verdict = write.moved === length ? fulfils(length) : failure;
  }

  /** An interrupted read succeeds if it has received bytes or the end, and fails otherwise. */
  #interruptRead(read: ReadCall, failure: Verdict, bytesRead: number): void {
    if (!isPending(read)) return;
    const { progress } = read;
    if (progress === undefined) read.verdict = either(succeeds, this.end, failure);
    else if (progress.bytes > 0) read.verdict = fulfils(progress.bytes);
    else read.verdict = this.ended(bytesRead) ? either(this.end, failure) : failure;
  }

  /** A flush does not report its progress. */
  #interruptFlush(flush: FlushCall, failure: Verdict): void {
    if (!isPending(flush)) return;
    flush.verdict = either(
      succeeds,
      failure,
      ...(this.flushMayFail ? [rejectsAsClosed("writer", "any")] : []),
    );
  }
}
