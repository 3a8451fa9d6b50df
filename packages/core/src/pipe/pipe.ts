import type { Side } from "../errors.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { Condition } from "../sync/condition.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Progress } from "../types.ts";
import { type Bereaved, watchLater, watchReader, watchWriter } from "./abandoned.ts";
import { Attendants } from "./attendants.ts";
import { charge, chargeWrite, rejected, settled, settledWrite } from "./budget.ts";
import { type Closing, closedPipeError } from "./closing.ts";
import { Latch } from "./latch.ts";
import {
  CHUNK,
  type Failure,
  FLUSH,
  NEXT,
  Operation,
  type Operator,
  READ,
  type Stepper,
  tellProgress,
  VIEW,
  WRITE,
} from "./operation.ts";
import { Readiness } from "./readiness.ts";
import { PIPE_CAPACITY, part, Ring } from "./ring.ts";

/**
 * Every 17th delivery of a small write settles its read one microtask later. A strict ping-pong gains nothing from this,
 * and one delivery in 17 costs it little. The number is a prime, so that each of several pipes in rotation is affected.
 */
const LATE_DELIVERY = 17;
/** Number of deliveries to pending reads, in all pipes. Counted by `deliver`. */
let deliveries = 0;

/**
 * The state that the two ends of a pipe share, and all of its logic.
 *
 * A write holds the write mutex from its first byte to its last, so that writes never interleave. It passes its bytes to
 * pending reads, then fills the ring, and waits at `notFull` with its array for the rest. A read holds the read mutex until
 * it has bytes: from the ring, then from the array of the pending write. If there are none, it waits at `notEmpty` with its
 * own array. A pending operation therefore offers the other side a direct hand-off that bypasses the ring.
 *
 * Most calls need not wait: they find the mutex free and finish synchronously. A critical section that contains no wait
 * needs no lock, so these calls acquire none.
 *
 * The ends validate all arguments before they call a method here. Members are `private` rather than `#private`, because
 * no `Pipe` leaves this package and each call of a `#method` costs a brand check.
 *
 * While a watch is on, the diagnostics replace `start`, `lookForEnd`, `closeWriter`, `closeReader` and `refusal` of each
 * new pipe by methods that record events. Without a watch, the diagnostics therefore cost nothing.
 */
export class Pipe implements Operator, Bereaved, AbortListener {
  private readonly ring: Ring = new Ring();
  /** Held by one write at a time, from its first byte to its last. */
  private readonly writing: Mutex = new Mutex();
  /** Held by one read at a time until it has bytes. A step over views holds it until the next step. */
  private readonly reading: Mutex = new Mutex();
  /** The write that holds the mutex waits here, for room or for a read that takes its bytes. */
  readonly notFull: Condition = new Condition();
  /** The read that holds the mutex waits here, for bytes or for the end. The ring is empty while a read waits. */
  readonly notEmpty: Condition = new Condition();
  /** Pending flushes and calls of `ready()`. Created when the first one waits. */
  private attendants: Attendants | undefined = undefined;

  /** Number of bytes accepted since the start. Advanced by {@link offer} and {@link takeFrom}. */
  bytesWritten = 0;
  /** Number of bytes delivered since the start, including lent ones. Advanced by {@link countRead}. */
  bytesRead = 0;

  /** Set once by {@link closeWriter}. An abort of the pipe may still change `"closed"` to `"failed"`. */
  writerClosing: Closing | undefined = undefined;
  /** Set once by {@link closeReader}. */
  readerClosing: Closing | undefined = undefined;
  /** Whether a close has dropped written bytes. From then on every flush fails. */
  private dropped = false;

  /**
   * Identifies the iteration that borrows a view now and holds the read mutex. It is a token and not the iteration, which
   * refers to the reading end and would prevent its collection. Set by {@link lend}, cleared by {@link returnView}.
   */
  private borrower: object | undefined = undefined;
  /** Number of bytes at the front of the ring that are lent: they count as read, but still take up room. */
  private lent = 0;

  /**
   * The ends, until an operation of the other side stays pending beyond one iteration of the event loop. Then the end is
   * watched for collection, which a reference from here would prevent.
   */
  private reader: object | undefined = undefined;
  private writer: object | undefined = undefined;
  /** Whether a call of {@link watchEnds} is scheduled. Set by {@link expectWait}. */
  private watchDue = false;

  /** Created at the first access of `closed`. */
  private readerLatch: Latch | undefined = undefined;
  private writerLatch: Latch | undefined = undefined;
  /** The signal of the whole pipe, as long as its abort would have an effect. */
  private signal: Abortable | undefined = undefined;
  readonly name: string | undefined;

  constructor(signal: Abortable | undefined, name: string | undefined) {
    this.name = name;
    if (signal?.aborted) {
      this.writerClosing = { side: "writer", how: "failed", reason: signal.reason };
    } else {
      this.signal = signal;
      if (signal !== undefined) listen(signal, this);
    }
  }

  /** Stores the ends, so that they are not collected before they are watched. */
  join(reader: object, writer: object): void {
    this.reader = reader;
    this.writer = writer;
    if (this.signal !== undefined) {
      // The signal holds the pipe through its listener and may be long-lived. It must not keep unused ends alive.
      this.watchReader();
      this.watchWriter();
    }
  }

  // ===== Writing =====

  /** @param whole Whether the caller has transferred the array, so that a reader may receive it without a copy. */
  write(
    caller: object,
    bytes: Uint8Array,
    whole: boolean,
    signal: Abortable | undefined,
    progress: Progress | undefined,
  ): Promise<number> {
    const { length } = bytes;
    const closing = this.writerClosing ?? this.readerClosing;
    if (closing !== undefined) return rejected(this.refusal(closing, WRITE, length, 0));
    if (length === 0) return settled(0, 0);
    let moved = 0;
    if (progress === undefined && !this.writing.locked && this.waitingRead?.kind !== VIEW) {
      if (!whole) moved = this.offer(bytes, 0, length);
      else if (this.handOver(bytes)) moved = length;
      if (moved === length) {
        tellProgress();
        return settledWrite(length);
      }
    }
    const write = new Operation(this, WRITE, caller, bytes, length);
    write.whole = whole;
    write.listen(signal, progress);
    write.move(moved);
    return this.start(write, this.writing) as Promise<number>;
  }

  /** @param entire Whether to accept either all of `bytes` or nothing. */
  tryWrite(bytes: Uint8Array, whole: boolean, entire: boolean): number {
    const { length } = bytes;
    const closing = this.writerClosing ?? this.readerClosing;
    if (closing !== undefined) throw this.refusal(closing, WRITE, length, 0);
    if (this.writing.locked) return 0;
    const isHandedOver = whole && this.handOver(bytes);
    const moved = isHandedOver ? length : entire && this.room < length ? 0 : this.offer(bytes, 0, length);
    if (moved > 0) chargeWrite(); // A call that moved nothing is followed by one that waits, which is charged.
    tellProgress();
    return moved;
  }

  flush(caller: object, signal: Abortable | undefined, progress: Progress | undefined): Promise<void> {
    const closing = this.writerClosing ?? this.readerClosing;
    // After a close that dropped no bytes, a flush still works. `closeWithError()` of the writer fails it in any case.
    if (closing !== undefined && (this.dropped || this.writerClosing?.how === "failed")) {
      if (progress !== undefined) progress.bytes = this.bytesRead;
      return rejected(this.refusal(closing, FLUSH, 0, this.bytesRead));
    }
    const flush = new Operation(this, FLUSH, caller, undefined, 0);
    flush.listen(signal, progress);
    if (progress !== undefined) {
      this.attendants ??= new Attendants();
      this.attendants.reporting.add(flush);
      this.reportToFlushes(this.attendants);
    }
    return this.start(flush, this.writing) as Promise<void>;
  }

  /** Continues the write that holds the write mutex. */
  private goOnWriting(write: Operation): void {
    if (write.moved < write.length) {
      if (!write.intact) return this.withdraw(write, gone("write"));
      // The ring is empty while a read waits, so no byte can be moved if it is full. The array is not copied if a later
      // read may take it whole, or if a pending step can borrow it.
      if (!write.whole && this.ring.free > 0 && this.waitingRead?.kind !== VIEW) {
        write.move(this.offer(write.bytes as Uint8Array, write.moved, write.length));
      }
      if (write.moved < write.length) {
        this.notFull.park(write); // Wait until the rest fits into the ring, or a read has taken it from the array.
        this.notEmpty.notify(); // A read still waits only if it takes the array itself, which is now available.
        return;
      }
    }
    write.settleWrite();
    this.letNextWrite();
  }

  /** Continues a flush that has acquired the write mutex, or whose bytes are read. */
  private goOnFlushing(flush: Operation): void {
    if (flush.length === 0) {
      flush.length = this.bytesWritten; // The mutex was acquired, so all writes before the flush are done.
      this.letNextWrite();
    }
    if (this.bytesRead < flush.length) {
      this.attendants ??= new Attendants();
      this.attendants.drained.park(flush); // Wait until a read has taken the last of these bytes.
    } else {
      this.attendants?.reporting.delete(flush);
      flush.settle(undefined, 0);
    }
  }

  /** Passes a transferred array to the pending read, if that read takes a chunk. Returns whether it did. */
  private handOver(bytes: Uint8Array): boolean {
    const read = this.waitingRead;
    if (read === undefined || (read.kind !== CHUNK && read.kind !== NEXT) || bytes.length === 0) return false;
    this.bytesWritten += bytes.length;
    this.deliver(read, bytes, bytes.length);
    return true;
  }

  /** Moves as much of `bytes[from, to)` as possible, to pending reads and then into the ring. Returns the number of bytes. */
  private offer(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (let read = this.waitingRead; read !== undefined && at < to; read = this.waitingRead) {
      if (read.kind === VIEW) break;
      if (read.kind === READ && !read.intact) {
        this.withdraw(read, gone("read"));
        continue;
      }
      const count = Math.min(to - at, read.length);
      const into = read.kind === READ ? (read.bytes as Uint8Array) : new Uint8Array(count);
      if (count === 1) into[0] = bytes[at] as number;
      else into.set(count === bytes.length ? bytes : part(bytes, at, count));
      at += count;
      this.deliver(read, into, count);
    }
    at += this.ring.push(bytes, at, to);
    this.bytesWritten += at - from;
    if (this.ring.length > 0) this.notEmpty.notify(); // A read still waits only if it borrows a view of the ring.
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    return at - from;
  }

  /**
   * Completes a pending read with `bytes`.
   *
   * With small writes and a reader that always waits, every write would wake a read. Therefore some reads settle one
   * microtask later: meanwhile the next write enters the ring, and neither side has to wait again. At 64 bytes a write,
   * this halves the time.
   */
  private deliver(read: Operation, bytes: Uint8Array, count: number): void {
    deliveries = (deliveries + 1) % LATE_DELIVERY;
    read.late = deliveries === 0 && count <= PIPE_CAPACITY;
    read.value = bytes;
    read.move(count);
    this.bytesRead += count; // No flush waits in `drained`: a read is pending, so all earlier bytes are read.
    if (this.attendants !== undefined) this.reportToFlushes(this.attendants);
    this.notEmpty.notify(); // The read settles, and the next one takes its place.
  }

  /** Releases the write mutex. */
  private letNextWrite(): void {
    this.writing.leave(); // The write that has waited longest acquires the mutex.
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    if (this.writerClosing !== undefined) this.lookForEnd();
  }

  // ===== Reading =====

  read(
    caller: object,
    into: Uint8Array,
    signal: Abortable | undefined,
    progress: Progress | undefined,
  ): Promise<number | null> {
    const { length } = into;
    const closing = this.readerClosing;
    if (closing !== undefined) return rejected(this.refusal(closing, READ, length, 0));
    if (length === 0 && !this.ended) return settled(0, 0);
    if (progress === undefined && !this.reading.locked) {
      const count = this.take(into, length, true);
      if (count > 0) return this.done(count, count);
    }
    const read = new Operation(this, READ, caller, into, length);
    read.listen(signal, progress);
    return this.start(read, this.reading) as Promise<number | null>;
  }

  /** Reads a chunk, or takes a step of an iteration over chunks or over views, as `kind` says. */
  readChunk(caller: object, kind: number, maxBytes: number, signal: Abortable | undefined): Promise<unknown> {
    const closing = this.readerClosing;
    if (closing !== undefined) {
      if (kind >= NEXT) (caller as Stepper).finish();
      return rejected(this.refusal(closing, kind, 0, 0));
    }
    if (kind !== VIEW && !this.reading.locked) {
      const chunk = this.takeChunk(maxBytes, true);
      if (chunk !== undefined) {
        return this.done(kind === CHUNK ? chunk : { done: false, value: chunk }, chunk.length);
      }
    }
    const read = new Operation(this, kind, caller, undefined, maxBytes);
    read.listen(signal, undefined);
    return this.start(read, this.reading);
  }

  tryRead(into: Uint8Array): number | null {
    if (this.readerClosing !== undefined) throw this.refusal(this.readerClosing, READ, into.length, 0);
    if (this.reading.locked) return 0;
    const count = this.take(into, into.length, false);
    if (count > 0) charge();
    tellProgress();
    return count === 0 && this.ended ? this.end(READ, into.length) : count;
  }

  tryReadChunk(maxBytes: number): Uint8Array | null | undefined {
    if (this.readerClosing !== undefined) throw this.refusal(this.readerClosing, CHUNK, 0, 0);
    if (this.reading.locked) return undefined;
    const chunk = this.takeChunk(maxBytes, false);
    if (chunk !== undefined) charge();
    tellProgress();
    return chunk === undefined && this.ended ? this.end(CHUNK, 0) : chunk;
  }

  /** Puts bytes back in front of all others. They count as not read. */
  unread(bytes: Uint8Array): void {
    if (this.readerClosing !== undefined || bytes.length === 0) return;
    this.ring.putBack(bytes, this.lent);
    this.bytesRead -= bytes.length;
    this.notEmpty.notify(); // There are bytes to read.
  }

  /** Reports the end to a read that does not wait: returns `null`, or throws the writer's error. */
  private end(kind: number, length: number): null {
    const failure = this.endFailure(kind, length);
    if (failure !== undefined) throw failure.reason;
    return null;
  }

  /** Continues the read that holds the read mutex. */
  private goOnReading(read: Operation): void {
    const { kind } = read;
    if (kind === READ && !read.intact) return this.withdraw(read, gone("read"));
    if (read.value === undefined) this.serve(read);
    const value = read.value as Uint8Array | undefined;
    if (value !== undefined) {
      const count = kind === READ ? read.moved : value.length;
      read.settle(kind === READ ? count : kind === CHUNK ? value : { done: false, value }, count);
      if (kind !== VIEW) this.reading.leave(); // A step over views holds the mutex until the view is returned.
    } else if (!this.ended) {
      this.notEmpty.park(read); // Wait until a write brings bytes, or the stream ends.
    } else {
      this.withdraw(read, this.endFailure(kind, read.length));
    }
  }

  /** Sets the `value` of a read, if there are bytes now. */
  private serve(read: Operation): void {
    if (read.kind === VIEW) {
      read.value = this.lend(read.caller as Stepper);
    } else if (read.kind !== READ) {
      read.value = this.takeChunk(read.length, true);
    } else {
      const into = read.bytes as Uint8Array;
      const count = this.take(into, read.length, true);
      if (count > 0) read.value = into;
      read.move(count);
    }
  }

  /**
   * Copies available bytes into `into[0, to)`: from the ring, then from the array of the pending write. Returns their number.
   *
   * @param late Whether a write that this completes resolves one microtask later. An asynchronous reader then runs first
   * and waits again before the writer continues, so that the next write needs one copy instead of two.
   */
  private take(into: Uint8Array, to: number, late: boolean): number {
    const write = this.intactWrite();
    let count = this.ring.take(into, 0, to);
    if (write !== undefined) {
      const share = Math.min(to - count, write.length - write.moved);
      if (share > 0) {
        const bytes = write.bytes as Uint8Array;
        into.set(share === bytes.length ? bytes : part(bytes, write.moved, share), count);
        this.takeFrom(write, share);
        count += share;
      }
      this.letWriteGoOn(write, late);
    }
    this.countRead(count);
    return count;
  }

  /** Returns the available bytes, at most `maxBytes`, as an array that the caller owns; `undefined` if there are none. */
  private takeChunk(maxBytes: number, late: boolean): Uint8Array | undefined {
    const write = this.intactWrite();
    const inRing = this.ring.length;
    if (write?.whole && inRing === 0) {
      this.takeFrom(write, write.length);
      this.letWriteGoOn(write, late);
      this.countRead(write.length);
      return write.bytes;
    }
    // One array for the bytes of both places. A transferred array is left whole for the next chunk.
    const waiting = write === undefined || write.whole ? 0 : write.length - write.moved;
    const length = Math.min(inRing + waiting, maxBytes);
    if (length === 0) return undefined;
    const chunk = new Uint8Array(length);
    this.take(chunk, length, late);
    return chunk;
  }

  /** Lends an iteration a view of the ring, or if that is empty, of the array of the pending write. */
  private lend(iteration: Stepper): Uint8Array | undefined {
    const write = this.intactWrite();
    let view: Uint8Array;
    if (this.ring.length > 0) {
      view = this.ring.view();
      this.lent = view.length;
      if (write !== undefined) this.letWriteGoOn(write, false);
    } else if (write !== undefined) {
      view = part(write.bytes as Uint8Array, write.moved, write.length - write.moved);
      write.lent = true;
      this.takeFrom(write, view.length);
    } else {
      return undefined;
    }
    this.borrower = iteration.token;
    this.countRead(view.length);
    return view;
  }

  /**
   * Takes back the view that an iteration has borrowed, if any. This frees its room, lets its write settle and releases the
   * read mutex.
   *
   * @param next Whether the iteration borrows the next view immediately. The pending write is then not copied into the
   * freed room, because its array can be lent.
   */
  returnView(token: object, next: boolean): void {
    if (this.borrower !== token) return;
    this.borrower = undefined;
    this.ring.drop(this.lent);
    this.lent = 0;
    const write = this.waitingWrite;
    if (write !== undefined && (write.lent || !next)) {
      write.lent = false;
      this.letWriteGoOn(write, false);
    }
    this.reading.leave(); // The read that has waited longest acquires the mutex.
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    tellProgress();
  }

  /** Returns the pending write. First rejects pending writes whose arrays were detached or have shrunk. */
  private intactWrite(): Operation | undefined {
    let write = this.waitingWrite;
    while (write !== undefined && !write.intact) {
      this.withdraw(write, gone("write"));
      write = this.waitingWrite;
    }
    return write;
  }

  /** Counts bytes that were taken from the array of the pending write. */
  private takeFrom(write: Operation, count: number): void {
    write.whole = false;
    write.move(count);
    this.bytesWritten += count;
  }

  /** Resumes the pending write if its rest fits into the ring. */
  private letWriteGoOn(write: Operation, late: boolean): void {
    if (write.lent || write.whole || write.length - write.moved > this.ring.free) return;
    write.late = late;
    this.notFull.notify();
  }

  /** Counts bytes that were delivered to a consumer. */
  private countRead(count: number): void {
    this.bytesRead += count;
    if (this.attendants !== undefined) this.attend(this.attendants);
    if (this.writerClosing !== undefined) this.lookForEnd();
  }

  private attend(attendants: Attendants): void {
    this.reportToFlushes(attendants);
    this.announceReadiness(attendants);
    this.letFlushesGoOn(attendants);
  }

  /**
   * Updates the progress of pending flushes. All bytes that were read count for a flush without the mutex, since no later
   * write can have moved any.
   */
  private reportToFlushes({ reporting }: Attendants): void {
    for (const flush of reporting) {
      const taken = this.takenOf(flush);
      if (taken > flush.moved) flush.move(taken - flush.moved);
    }
  }

  private takenOf({ length }: Operation): number {
    return length === 0 ? this.bytesRead : Math.min(this.bytesRead, length);
  }

  private letFlushesGoOn({ drained }: Attendants): void {
    for (let flush = drained.first; flush !== undefined; flush = drained.first) {
      if (this.bytesRead < (flush as Operation).length) return;
      drained.notify();
    }
  }

  // ===== Closing =====

  closeWriter(how: Closing["how"], reason?: unknown): void {
    if (this.writerClosing !== undefined) return;
    this.writerClosing = { side: "writer", how, reason };
    this.writerLatch?.open();
    if (how !== "closed") this.rejectWrites(this.writerClosing);
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    this.lookForEnd();
    tellProgress();
  }

  closeReader(how: Closing["how"], reason?: unknown): void {
    if (this.readerClosing !== undefined) return;
    const closing: Closing = { side: "reader", how, reason };
    this.readerClosing = closing;
    this.dropped ||= this.untaken > 0;
    this.stopListening();
    this.rejectWrites(closing);
    const rest = allWaiting(this.reading, this.notEmpty, this.attendants?.drained);
    for (const operation of rest) this.withdraw(operation, this.failureOf(operation, closing));
    this.ring.clear();
    this.lent = 0;
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    this.readerLatch?.open();
    this.writerLatch?.open();
    tellProgress();
  }

  loseWriter(): void {
    this.closeWriter("lost");
  }

  loseReader(): void {
    this.closeReader("lost");
    if (this.borrower !== undefined) this.returnView(this.borrower, false); // The consumer was collected too.
  }

  /** The signal of the pipe was aborted: fails the writing side, including the writes still pending after a `close()`. */
  handleEvent(): void {
    const reason = this.signal?.reason;
    this.stopListening();
    if (this.writerClosing === undefined) {
      this.closeWriter("failed", reason);
    } else if (allWaiting(this.writing, this.notFull).some(({ kind, lent }) => kind === WRITE && !lent)) {
      this.writerClosing = { side: "writer", how: "failed", reason };
      this.rejectWrites(this.writerClosing);
      this.lookForEnd();
      tellProgress();
    }
  }

  /** The error that a side was closed with, if it was closed with one. */
  failureOfSide(side: Side): Failure | undefined {
    const closing = side === "writer" ? this.writerClosing : this.readerClosing;
    return closing?.how === "failed" ? { reason: closing.reason } : undefined;
  }

  /** The error that a side's operations reject with because of the other side, if they do. */
  peerFailure(side: Side): Failure | undefined {
    const [own, other] =
      side === "writer" ? [this.writerClosing, this.readerClosing] : [this.readerClosing, this.writerClosing];
    if (own !== undefined || other === undefined || (side === "reader" && other.how === "closed"))
      return undefined;
    return { reason: this.refusal(other, side === "writer" ? WRITE : READ, 0, 0) };
  }

  /** Resolves once no read can deliver another byte. */
  get readerClosed(): Promise<void> {
    if (this.readerLatch === undefined) {
      this.readerLatch = new Latch();
      if (this.readerClosing !== undefined || this.ended) this.readerLatch.open();
      else this.expectWait();
    }
    return this.readerLatch.promise;
  }

  /** Resolves once a new write would fail. */
  get writerClosed(): Promise<void> {
    if (this.writerLatch === undefined) {
      this.writerLatch = new Latch();
      if (this.writerClosing !== undefined || this.readerClosing !== undefined) this.writerLatch.open();
      else this.expectWait();
    }
    return this.writerLatch.promise;
  }

  /** Number of bytes in the ring that are neither read nor lent. */
  get untaken(): number {
    return this.ring.length - this.lent;
  }

  /** Whether no read can deliver another byte because the writing side has ended. */
  get ended(): boolean {
    return this.writerClosing !== undefined && this.untaken === 0 && !this.writing.locked;
  }

  /** Rejects the pending writes, and the flushes queued behind them. */
  private rejectWrites(closing: Closing): void {
    for (const write of allWaiting(this.writing, this.notFull)) {
      if (write.lent) continue; // All of its bytes are read. It settles when the consumer returns the view.
      this.dropped ||= write.kind === WRITE;
      this.withdraw(write, this.failureOf(write, closing));
    }
  }

  /** If the writing side is closed and its writes are done, ends the pending reads. */
  lookForEnd(): void {
    if (this.writing.locked) return;
    this.stopListening();
    if (!this.ended) return;
    this.readerLatch?.open();
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    this.notEmpty.notify(); // The pending read meets the end, releases the mutex, and so do the queued ones.
  }

  /** Called once an abort of the pipe's signal would have no effect. */
  private stopListening(): void {
    if (this.signal !== undefined) unlisten(this.signal, this);
    this.signal = undefined;
  }

  private failureOf(operation: Operation, closing: Closing): Failure {
    const { kind, length, moved } = operation;
    return { reason: this.refusal(closing, kind, length, kind === FLUSH ? this.takenOf(operation) : moved) };
  }

  private endFailure(kind: number, length: number): Failure | undefined {
    const closing = this.writerClosing as Closing;
    return closing.how === "closed" ? undefined : { reason: this.refusal(closing, kind, length, 0) };
  }

  /** Returns the error of an operation that fails because of `closing`: the other side's own error, or a `ClosedPipeError`. */
  refusal(closing: Closing, kind: number, length: number, moved: number): unknown {
    const isOwn = closing.side === (kind <= FLUSH ? "writer" : "reader");
    if (closing.how === "failed" && !isOwn) return closing.reason;
    return closedPipeError(closing, kind, length, moved, this.name);
  }

  // ===== Readiness =====

  /** Number of bytes that `tryRead` would read now. */
  get available(): number {
    if (this.readerClosing !== undefined || this.reading.locked) return 0;
    const write = this.waitingWrite;
    return this.untaken + (write === undefined || !write.intact ? 0 : write.length - write.moved);
  }

  /** Number of bytes that `tryWrite` would accept now. */
  get room(): number {
    if ((this.writerClosing ?? this.readerClosing) !== undefined || this.writing.locked) return 0;
    let room = this.ring.free;
    for (const read of allWaiting(this.notEmpty, this.notEmpty.first && this.reading)) {
      if (read.kind === VIEW) break; // It borrows from the ring and takes no bytes itself.
      if (read.kind !== READ || read.intact) room += read.length;
    }
    return room;
  }

  /** Resolves when an operation of `side` would not wait. */
  ready(side: Side, end: object, signal: Abortable | undefined): Promise<void> {
    if (this.isReady(side)) return settled(undefined, 0);
    const readiness = new Readiness(this, side, end, signal);
    this.attendants ??= new Attendants();
    this.attendants.readiness.add(readiness);
    this.expectWait();
    return readiness.promise;
  }

  forgetReadiness(readiness: Readiness): void {
    this.attendants?.readiness.delete(readiness);
  }

  private isReady(side: Side): boolean {
    if (this.readerClosing !== undefined) return true;
    if (side === "reader") return this.ended || this.available > 0;
    return this.writerClosing !== undefined || this.room > 0;
  }

  private announceReadiness(attendants: Attendants): void {
    for (const readiness of attendants.readiness) if (this.isReady(readiness.side)) readiness.settle();
  }

  // ===== Waiting =====

  /** The read that waits for bytes at `notEmpty`. */
  private get waitingRead(): Operation | undefined {
    return this.notEmpty.first as Operation | undefined;
  }

  /** The write that waits for room at `notFull`. */
  private get waitingWrite(): Operation | undefined {
    return this.notFull.first as Operation | undefined;
  }

  /** Returns the promise of a call that did not have to wait. */
  private done<T>(value: T, bytes: number): Promise<T> {
    tellProgress();
    return settled(value, bytes);
  }

  /** Starts an operation: it runs at once if the mutex is free, else it queues. */
  start(operation: Operation, mutex: Mutex): Promise<unknown> {
    if (mutex.enter(operation)) this.goOn(operation);
    if (operation.queue !== undefined) this.expectWait();
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    tellProgress();
    return operation.promise;
  }

  goOn(operation: Operation): void {
    if (operation.kind === WRITE) this.goOnWriting(operation);
    else if (operation.kind === FLUSH) this.goOnFlushing(operation);
    else this.goOnReading(operation);
  }

  abort(operation: Operation, reason: unknown): void {
    // An operation outside a queue is about to settle, and a lent write settles when the consumer returns the view.
    if (operation.queue === undefined || operation.lent) return;
    this.withdraw(operation, { reason });
    tellProgress();
  }

  /** Ends the pending steps of an iteration, with a failure or as done. Returns whether there were any. */
  endSteps(iteration: Stepper, failure: Failure | undefined): boolean {
    const steps = allWaiting(this.reading, this.notEmpty).filter(({ caller }) => caller === iteration);
    for (const step of steps) this.withdraw(step, failure);
    return steps.length > 0;
  }

  /** Removes an operation from its queue and ends it: with `failure`, or without one as a read that meets the end. */
  private withdraw(operation: Operation, failure: Failure | undefined): void {
    const { queue, kind } = operation;
    if (kind === FLUSH) this.attendants?.reporting.delete(operation);
    const holds = queue === undefined || operation === this.waitingWrite || operation === this.waitingRead;
    queue?.remove(operation);
    if (kind >= NEXT) (operation.caller as Stepper).finish();
    if (failure !== undefined) operation.fail(failure.reason);
    else operation.settle(kind >= NEXT ? { done: true, value: undefined } : null, 0);
    if (!holds) return;
    if (kind === WRITE) this.letNextWrite();
    else this.reading.leave();
  }

  /** Called when an operation starts to wait. If it waits long, the other end must be watched for collection. */
  private expectWait(): void {
    if (this.watchDue || (this.reader ?? this.writer) === undefined) return;
    this.watchDue = true;
    watchLater(this);
  }

  watchEnds(): void {
    this.watchDue = false;
    const isReady = (this.attendants?.readiness.size ?? 0) > 0;
    if (this.reading.locked || this.readerLatch !== undefined || isReady) this.watchWriter();
    if (
      this.writing.locked ||
      this.writerLatch !== undefined ||
      this.attendants?.drained.first !== undefined ||
      isReady
    ) {
      this.watchReader();
    }
  }

  watchWriter(): void {
    if (this.writer !== undefined) watchWriter(this.writer, this);
    this.writer = undefined;
  }

  watchReader(): void {
    if (this.reader !== undefined) watchReader(this.reader, this);
    this.reader = undefined;
  }
}

/**
 * Lists the operations that wait at `places`. A mutex must come before the condition at which its holder waits: the
 * queued operations must be removed before the holder releases the mutex, or one of them would acquire it.
 */
function allWaiting(...places: Array<Mutex | Condition | undefined>): Operation[] {
  const operations: Operation[] = [];
  for (const place of places) {
    for (let next = place?.first; next !== undefined; next = next.next) operations.push(next as Operation);
  }
  return operations;
}

/** The failure of a pending operation whose array was detached or has shrunk since the call. */
function gone(operation: "write" | "read"): Failure {
  return {
    reason: new TypeError(
      `Cannot continue the ${operation}: its array was detached or shrunk while it waited`,
    ),
  };
}
