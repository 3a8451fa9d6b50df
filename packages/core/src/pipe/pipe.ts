import type { AbortListener, Abortable } from "../signal.ts";
import { Condition } from "../sync/condition.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Progress } from "../types.ts";
import { type Bereaved, watchReader, watchWriter } from "./abandoned.ts";
import { settled, spend } from "./budget.ts";
import { type Closing, closedPipeError } from "./closing.ts";
import type { Failure, Iteration } from "./iteration.ts";
import { Latch } from "./latch.ts";
import { CHUNK, FLUSH, NEXT, Operation, type Operator, READ, tellProgress, VIEW, WRITE } from "./operation.ts";
import { part, Ring } from "./ring.ts";

/**
 * What the two ends of a pipe share, and the one place that knows bytes and waiting.
 *
 * A write holds the write mutex from its first byte to its last, so that writes never interleave. It hands its bytes to
 * the reads that wait, puts into the ring what fits there, and waits at `notFull` with its array for the rest. A read
 * holds the read mutex until it has something: from the ring, then straight from the array of the write that waits. If
 * there is nothing, it waits at `notEmpty` with its own array. So whoever waits at a condition is, for the other side,
 * the short way past the ring.
 *
 * Most calls need not wait. They find the mutex free and do all of their work in one turn, in which nothing else runs:
 * where a critical section spans no turn, nothing is locked.
 *
 * The ends check what they are given before they call; nothing here throws for what a caller passed.
 */
export class Pipe implements Operator, Bereaved, AbortListener {
  readonly #ring = new Ring();
  /** Held by one write at a time, for all of its bytes. */
  readonly #writing = new Mutex();
  /** Held by one read at a time, until it has something; by a step over views until the next step. */
  readonly #reading = new Mutex();
  /** Where the holder of the write mutex waits: for room for its rest, or for a read that takes it. */
  readonly #notFull = new Condition();
  /** Where the holder of the read mutex waits: for bytes, or for the end. While one waits here the ring is empty. */
  readonly #notEmpty = new Condition();

  /** Bytes accepted since the start. */
  bytesWritten = 0;
  /** Bytes delivered since the start, those lent included. */
  bytesRead = 0;

  /** How the writing side was closed. Set once by {@link closeWriter}; an abort of the pipe may still turn a close into a failure. */
  #writerClosing: Closing | undefined = undefined;
  /** How the reading side was closed. Set once by {@link closeReader}. */
  #readerClosing: Closing | undefined = undefined;

  /** The step over views whose view the consumer looks at. It holds the read mutex. Set by {@link #lend}, cleared by {@link #takeBack}. */
  #borrower: Operation | undefined = undefined;
  /** Bytes at the front of the ring that the consumer looks at: read already, but their room is not free yet. */
  #lent = 0;

  /** The ends, until the other side first waits. From then on their loss is watched for, and holding them would prevent it. */
  #reader: object | undefined = undefined;
  #writer: object | undefined = undefined;

  /** Whether a close has dropped bytes of a write, so that no flush can succeed any more. */
  #dropped = false;

  /** Made when somebody first asks for `closed`. */
  #readerLatch: Latch | undefined = undefined;
  #writerLatch: Latch | undefined = undefined;
  /** The signal of the whole pipe, for as long as its abort would change something. */
  #signal: Abortable | undefined = undefined;
  readonly #name: string | undefined;

  constructor(signal: Abortable | undefined, name: string | undefined) {
    this.#name = name;
    if (signal?.aborted) {
      this.#writerClosing = { side: "writer", how: "failed", reason: signal.reason };
    } else {
      this.#signal = signal;
      signal?.addEventListener("abort", this);
    }
  }

  /** Holds the ends, which must not be collected while nobody watches for it. */
  join(reader: object, writer: object): void {
    this.#reader = reader;
    this.#writer = writer;
  }

  /** The read that waits for bytes, its array at hand. */
  get #waitingRead(): Operation | undefined {
    return this.#notEmpty.first as Operation | undefined;
  }

  /** The write or flush that waits for room, its array at hand. */
  get #waitingWrite(): Operation | undefined {
    return this.#notFull.first as Operation | undefined;
  }

  // ===== Writing =====

  /** @param whole Whether the array was given away and may be handed over as it is. */
  write(
    caller: object,
    bytes: Uint8Array,
    whole: boolean,
    signal: Abortable | undefined,
    progress: Progress | undefined,
  ): Promise<number> {
    const { length } = bytes;
    const closing = this.#writerClosing ?? this.#readerClosing;
    if (closing !== undefined) return Promise.reject(this.#refusal(closing, WRITE, length, 0));
    if (length === 0) return settled(0, 0);
    let moved = 0;
    if (progress === undefined && !this.#writing.locked && !whole && this.#waitingRead?.kind !== VIEW) {
      moved = this.#offer(bytes, 0, length);
      tellProgress();
      if (moved === length) return settled(length, length);
    }
    const write = new Operation(this, WRITE, caller, bytes, length);
    write.whole = whole;
    write.listen(signal, progress);
    write.move(moved);
    return this.#start(write, this.#writing) as Promise<number>;
  }

  tryWrite(bytes: Uint8Array, whole: boolean): number {
    const { length } = bytes;
    const closing = this.#writerClosing ?? this.#readerClosing;
    if (closing !== undefined) throw this.#refusal(closing, WRITE, length, 0);
    if (this.#writing.locked) return 0;
    const read = this.#waitingRead;
    let moved = length;
    if (whole && read !== undefined && (read.kind === CHUNK || read.kind === NEXT)) {
      this.bytesWritten += length;
      this.#deliver(read, bytes, length);
    } else {
      moved = this.#offer(bytes, 0, length);
    }
    spend(moved);
    tellProgress();
    return moved;
  }

  flush(caller: object, signal: Abortable | undefined): Promise<void> {
    const closing = this.#writerClosing ?? this.#readerClosing;
    if (closing !== undefined && this.#dropped) return Promise.reject(this.#refusal(closing, FLUSH, 0, 0));
    const flush = new Operation(this, FLUSH, caller, undefined, 0);
    flush.listen(signal, undefined);
    return this.#start(flush, this.#writing) as Promise<void>;
  }

  /** Goes on with the write that holds the write mutex. */
  #advanceWrite(write: Operation): void {
    if (write.moved < write.length) {
      if (!write.intact) return this.#withdraw(write, gone("write"));
      // An array that was given away is not copied as long as somebody may want it whole, nor one that can be lent.
      if (!write.whole && this.#waitingRead?.kind !== VIEW) {
        write.move(this.#offer(write.bytes as Uint8Array, write.moved, write.length));
      }
    }
    if (write.kind === FLUSH ? this.#untaken > 0 : write.moved < write.length) {
      this.#notFull.park(write); // Sleep until the rest fits into the ring, or a reader has taken it from the array.
      this.#notEmpty.notify(); // A reader that still waits is one that takes no copies: the array is there for it now.
      return;
    }
    if (write.failure !== undefined) return this.#withdraw(write, write.failure);
    write.settle(write.kind === FLUSH ? undefined : write.length, write.length);
    this.#letNextWrite();
  }

  /** Moves what can be moved of `bytes[from, to)` now, and returns how many bytes that were: to the reads that wait, then into the ring. */
  #offer(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (let read = this.#waitingRead; read !== undefined && at < to; read = this.#waitingRead) {
      if (read.kind === VIEW) break;
      if (read.kind === READ && !read.intact) {
        this.#withdraw(read, gone("read"));
        continue;
      }
      const count = Math.min(to - at, read.length);
      const into = read.kind === READ ? (read.bytes as Uint8Array) : new Uint8Array(count);
      if (count === 1) into[0] = bytes[at] as number;
      else into.set(count === bytes.length ? bytes : part(bytes, at, count));
      at += count;
      this.#deliver(read, into, count);
    }
    at += this.#ring.push(bytes, at, to);
    this.bytesWritten += at - from;
    if (this.#ring.length > 0) this.#notEmpty.notify(); // Bytes are there: who still waits wants a view of the ring.
    return at - from;
  }

  /** Gives a waiting read what it waited for. */
  #deliver(read: Operation, bytes: Uint8Array, count: number): void {
    read.value = bytes;
    read.move(count);
    this.bytesRead += count;
    this.#notEmpty.notify(); // Its bytes are there: it settles and lets the next read wait in its place.
  }

  /** Lets go of the write mutex. */
  #letNextWrite(): void {
    this.#writing.leave(); // The write that has waited longest has its turn.
    if (this.#writerClosing !== undefined) this.#lookForEnd();
  }

  // ===== Reading =====

  read(
    caller: object,
    into: Uint8Array,
    signal: Abortable | undefined,
    progress: Progress | undefined,
  ): Promise<number | null> {
    const { length } = into;
    if (this.#readerClosing !== undefined) return Promise.reject(this.#refusal(this.#readerClosing, READ, length, 0));
    if (length === 0 && !this.#ended) return settled(0, 0);
    if (progress === undefined && !this.#reading.locked) {
      const count = this.#take(into, 0, length, true);
      tellProgress();
      if (count > 0) return settled(count, count);
    }
    const read = new Operation(this, READ, caller, into, length);
    read.listen(signal, progress);
    return this.#start(read, this.#reading) as Promise<number | null>;
  }

  /** Reads a chunk, a step of an iteration over chunks, or one over views, as `kind` says. */
  readChunk(caller: object, kind: number, maxBytes: number, signal: Abortable | undefined): Promise<unknown> {
    if (this.#readerClosing !== undefined) {
      if (kind >= NEXT) (caller as Iteration).finish();
      return Promise.reject(this.#refusal(this.#readerClosing, kind, 0, 0));
    }
    if (kind !== VIEW && !this.#reading.locked) {
      const chunk = this.#takeChunk(maxBytes, true);
      tellProgress();
      if (chunk !== undefined) return settled(kind === CHUNK ? chunk : { done: false, value: chunk }, chunk.length);
    }
    const read = new Operation(this, kind, caller, undefined, maxBytes);
    read.listen(signal, undefined);
    return this.#start(read, this.#reading);
  }

  tryRead(into: Uint8Array): number | null {
    if (this.#readerClosing !== undefined) throw this.#refusal(this.#readerClosing, READ, into.length, 0);
    if (this.#reading.locked) return 0;
    const count = this.#take(into, 0, into.length, false);
    spend(count);
    tellProgress();
    return count === 0 && this.#ended ? this.#end(READ, into.length) : count;
  }

  tryReadChunk(maxBytes: number): Uint8Array | null | undefined {
    if (this.#readerClosing !== undefined) throw this.#refusal(this.#readerClosing, CHUNK, 0, 0);
    if (this.#reading.locked) return undefined;
    const chunk = this.#takeChunk(maxBytes, false);
    spend(chunk === undefined ? 0 : chunk.length);
    tellProgress();
    return chunk === undefined && this.#ended ? this.#end(CHUNK, maxBytes) : chunk;
  }

  /** What the end is for a read that does not wait: `null`, or a throw. */
  #end(kind: number, length: number): null {
    const closing = this.#writerClosing as Closing;
    if (closing.how !== "closed") throw this.#refusal(closing, kind, length, 0);
    return null;
  }

  /** Goes on with the read that holds the read mutex. */
  #advanceRead(read: Operation): void {
    const { kind } = read;
    if (read.value === undefined) {
      if (kind === READ) {
        if (!read.intact) return this.#withdraw(read, gone("read"));
        const count = this.#take(read.bytes as Uint8Array, 0, read.length, true);
        if (count > 0) read.value = read.bytes;
        read.move(count);
      } else {
        read.value = kind === VIEW ? this.#lend(read) : this.#takeChunk(read.length, true);
      }
    }
    const value = read.value as Uint8Array | undefined;
    if (value !== undefined) {
      const count = kind === READ ? read.moved : value.length;
      read.settle(kind === READ ? count : kind === CHUNK ? value : { done: false, value }, count);
      if (kind !== VIEW) this.#reading.leave(); // A view is lent until the next step: the other reads wait for that.
      return;
    }
    if (!this.#ended) {
      this.#notEmpty.park(read); // Sleep until a writer brings bytes, or none will ever.
      return;
    }
    const closing = this.#writerClosing as Closing;
    if (closing.how === "closed" && kind < NEXT) {
      read.settle(null, 0);
      this.#reading.leave(); // The next read sees the end as well.
    } else {
      const reason = this.#refusal(closing, kind, read.length, 0);
      this.#withdraw(read, closing.how === "closed" ? undefined : { reason });
    }
  }

  /** Copies what is there now into `into[at, to)`: from the ring, then straight from the array of the write that waits. */
  #take(into: Uint8Array, at: number, to: number, late: boolean): number {
    const write = this.#intactWrite();
    let count = this.#ring.take(into, at, to);
    if (write !== undefined) {
      const bytes = write.bytes as Uint8Array;
      const share = Math.min(to - at - count, write.length - write.moved);
      if (share > 0) {
        into.set(share === bytes.length ? bytes : part(bytes, write.moved, share), at + count);
        write.whole = false;
        this.#takeFrom(write, share);
        count += share;
      }
      this.#letWriteGoOn(write, late);
    }
    this.bytesRead += count;
    if (this.#writerClosing !== undefined) this.#lookForEnd();
    return count;
  }

  /** Takes what is there now, up to `maxBytes`, as an array that the caller owns. */
  #takeChunk(maxBytes: number, late: boolean): Uint8Array | undefined {
    const write = this.#intactWrite();
    const inRing = this.#ring.length;
    if (write !== undefined && write.whole && inRing === 0) {
      this.#takeFrom(write, write.length);
      this.bytesRead += write.length;
      this.#letWriteGoOn(write, late);
      return write.bytes;
    }
    // One array, as long as what is there in both places. An array that was given away stays whole for the next chunk.
    const waiting = write === undefined || write.whole ? 0 : write.length - write.moved;
    const length = Math.min(inRing + waiting, maxBytes);
    if (length === 0) return undefined;
    const chunk = new Uint8Array(length);
    this.#take(chunk, 0, length, late);
    return chunk;
  }

  /** Lends `borrower` a view of what is there now: of the ring, else of the array of the write that waits. */
  #lend(borrower: Operation): Uint8Array | undefined {
    const write = this.#intactWrite();
    let view: Uint8Array;
    if (this.#ring.length > 0) {
      view = this.#ring.view();
      this.#lent = view.length;
    } else if (write !== undefined && write.moved < write.length) {
      view = part(write.bytes as Uint8Array, write.moved, write.length - write.moved);
      write.lent = true;
      this.#takeFrom(write, view.length);
    } else {
      return undefined;
    }
    this.#borrower = borrower;
    this.bytesRead += view.length;
    if (write?.kind === FLUSH) this.#letWriteGoOn(write, false);
    if (this.#writerClosing !== undefined) this.#lookForEnd();
    return view;
  }

  /** Takes back what was lent: its room is free, its write may settle, and the other reads have their turn. */
  #takeBack(): void {
    this.#borrower = undefined;
    this.#ring.drop(this.#lent);
    this.#lent = 0;
    const write = this.#waitingWrite;
    if (write !== undefined) {
      write.lent = false;
      this.#letWriteGoOn(write, false);
    }
    this.#reading.leave();
    tellProgress();
  }

  /** The write or flush that waits, once those whose arrays are gone are out of the way. */
  #intactWrite(): Operation | undefined {
    let write = this.#waitingWrite;
    while (write !== undefined && write.moved < write.length && !write.intact) {
      this.#withdraw(write, gone("write"));
      write = this.#waitingWrite;
    }
    return write;
  }

  /** Counts bytes of a waiting write that a reader has taken from its array. */
  #takeFrom(write: Operation, count: number): void {
    write.whole = false;
    write.move(count);
    this.bytesWritten += count;
  }

  #letWriteGoOn(write: Operation, late: boolean): void {
    if (write.kind === FLUSH ? this.#untaken > 0 : write.whole || write.length - write.moved > this.#ring.free) return;
    write.late = late;
    this.#notFull.notify(); // Its rest fits into the ring, or nothing is left of it.
  }

  // ===== Closing =====

  /** Bytes in the ring that no reader has had. */
  get #untaken(): number {
    return this.#ring.length - this.#lent;
  }

  /** Whether no byte can come any more. */
  get #ended(): boolean {
    return this.#writerClosing !== undefined && this.#untaken === 0 && !this.#writing.locked;
  }

  closeWriter(how: Closing["how"], reason?: unknown): void {
    if (this.#writerClosing !== undefined) return;
    this.#writerClosing = { side: "writer", how, reason };
    this.#writerLatch?.open();
    if (how !== "closed") this.#rejectWrites(this.#writerClosing);
    this.#lookForEnd();
    tellProgress();
  }

  closeReader(how: Closing["how"], reason?: unknown): void {
    if (this.#readerClosing !== undefined) return;
    const closing: Closing = { side: "reader", how, reason };
    this.#readerClosing = closing;
    this.#dropped ||= this.#untaken > 0;
    this.#stopListening();
    this.#rejectWrites(closing);
    for (const read of waiting(this.#reading, this.#notEmpty)) {
      this.#withdraw(read, { reason: this.#refusal(closing, read.kind, read.length, read.moved) });
    }
    if (this.#borrower !== undefined) this.#takeBack();
    this.#ring.clear();
    this.#readerLatch?.open();
    this.#writerLatch?.open();
    tellProgress();
  }

  loseWriter(): void {
    this.closeWriter("lost");
  }

  loseReader(): void {
    this.closeReader("lost");
  }

  /** The signal of the pipe was aborted: that fails the writing side, also the writes that a close let go on. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    this.#stopListening();
    if (this.#writerClosing === undefined) {
      this.closeWriter("failed", reason);
    } else if (waiting(this.#writing, this.#notFull).some((operation) => operation.kind === WRITE)) {
      this.#writerClosing = { side: "writer", how: "failed", reason };
      this.#rejectWrites(this.#writerClosing);
      this.#lookForEnd();
      tellProgress();
    }
  }

  /** Resolves once no read can deliver a byte any more. */
  get readerClosed(): Promise<void> {
    if (this.#readerLatch === undefined) {
      this.#readerLatch = new Latch();
      if (this.#readerClosing !== undefined || this.#ended) this.#readerLatch.open();
      else this.#watchWriter();
    }
    return this.#readerLatch.promise;
  }

  /** Resolves once a new write would fail. */
  get writerClosed(): Promise<void> {
    if (this.#writerLatch === undefined) {
      this.#writerLatch = new Latch();
      if ((this.#writerClosing ?? this.#readerClosing) !== undefined) this.#writerLatch.open();
      else this.#watchReader();
    }
    return this.#writerLatch.promise;
  }

  /** Rejects the writes in flight. A flush that only waits for bytes in the ring goes on if these are still to be delivered. */
  #rejectWrites(closing: Closing): void {
    for (const write of waiting(this.#writing, this.#notFull)) {
      if (closing.side === "writer" && write.kind === FLUSH && write === this.#waitingWrite) continue;
      this.#dropped ||= write.kind === WRITE;
      const failure = { reason: this.#refusal(closing, write.kind, write.length, write.moved) };
      if (write.lent) write.failure ??= failure; // A consumer looks at its array: it settles when it is given back.
      else this.#withdraw(write, failure);
    }
  }

  /** Once the writing side is closed and its writes are done: tells those who wait for bytes that none will come. */
  #lookForEnd(): void {
    if (this.#writing.locked) return;
    this.#stopListening();
    if (!this.#ended) return;
    this.#readerLatch?.open();
    this.#notEmpty.notify(); // The end is there: the read that waits sees it, and those behind it in turn.
  }

  /** The signal of the pipe can change nothing any more. */
  #stopListening(): void {
    this.#signal?.removeEventListener("abort", this);
    this.#signal = undefined;
  }

  /** What an operation is rejected with because of `closing`: the error that the other side gave, or one that says what happened. */
  #refusal(closing: Closing, kind: number, length: number, moved: number): unknown {
    const isOwn = closing.side === (kind <= FLUSH ? "writer" : "reader");
    if (closing.how === "failed" && !isOwn) return closing.reason;
    return closedPipeError(closing, kind, length, moved, this.#name);
  }

  // ===== Waiting =====

  /** Lets an operation begin, and wait where it must. */
  #start(operation: Operation, mutex: Mutex): Promise<unknown> {
    if (mutex.enter(operation)) this.goOn(operation);
    if (operation.queue !== undefined) {
      if (operation.kind <= FLUSH) this.#watchReader();
      else this.#watchWriter();
    }
    tellProgress();
    return operation.promise;
  }

  goOn(operation: Operation): void {
    if (operation.kind <= FLUSH) this.#advanceWrite(operation);
    else this.#advanceRead(operation);
  }

  abort(operation: Operation, reason: unknown): void {
    if (operation.lent) operation.failure ??= { reason };
    else if (operation.queue !== undefined) this.#withdraw(operation, { reason });
    tellProgress();
  }

  /** Ends what an iteration has under way, its steps that wait and the view it was lent, and returns whether a step waited. */
  leave(iteration: Iteration, failure: Failure | undefined): boolean {
    const steps = waiting(this.#reading, this.#notEmpty).filter((step) => step.caller === iteration);
    for (const step of steps) this.#withdraw(step, failure);
    this.returnView(iteration);
    return steps.length > 0;
  }

  /** Takes back the view that an iteration was lent, if it was. */
  returnView(iteration: Iteration): void {
    if (this.#borrower?.caller === iteration) this.#takeBack();
  }

  /** Takes out an operation that waits, or that holds its mutex, and ends it; a step of an iteration without a failure is done. */
  #withdraw(operation: Operation, failure: Failure | undefined): void {
    const { queue, kind } = operation;
    const holds = queue === undefined || operation === this.#waitingWrite || operation === this.#waitingRead;
    queue?.remove(operation);
    if (kind >= NEXT) (operation.caller as Iteration).finish();
    if (failure === undefined) operation.settle({ done: true, value: undefined }, 0);
    else operation.fail(failure.reason);
    if (!holds) return;
    if (kind <= FLUSH) this.#letNextWrite();
    else this.#reading.leave(); // The next read waits in its place.
  }

  /** A reader waits from now on, or may: it must hear of it if the writing end is lost. */
  #watchWriter(): void {
    if (this.#writer !== undefined) watchWriter(this.#writer, this);
    this.#writer = undefined;
  }

  /** A writer waits from now on, or may: it must hear of it if the reading end is lost. */
  #watchReader(): void {
    if (this.#reader !== undefined) watchReader(this.#reader, this);
    this.#reader = undefined;
  }
}

/** All that wait on one side: those queued for the mutex first, so that none of them gets it when the holder leaves. */
function waiting(mutex: Mutex, condition: Condition): Operation[] {
  const operations: Operation[] = [];
  for (let next = mutex.first; next !== undefined; next = next.next) operations.push(next as Operation);
  if (condition.first !== undefined) operations.push(condition.first as Operation);
  return operations;
}

/** An operation touched its array after the memory was gone. */
function gone(operation: "write" | "read"): Failure {
  return { reason: new TypeError(`Cannot go on with a ${operation}: its array was detached or shrunk while it waited`) };
}
