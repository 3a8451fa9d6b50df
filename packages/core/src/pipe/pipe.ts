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
 * One in so many deliveries of a small write is told late. A strict ping-pong, which gains nothing by it, hardly notices.
 * It is a prime, so that of several pipes that take turns each meets it.
 */
const LATE_DELIVERY = 17;
/** Reads, in all pipes, that got their bytes while they waited. Counted by `deliver`. */
let deliveries = 0;

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
 * The ends check what they are given before they call; nothing here throws for what a caller passed. Members are
 * `private` and not `#private`, since nobody gets hold of a `Pipe` and each call of a `#method` costs a check of its own.
 *
 * While the diagnostics watch, a pipe that is made gets methods of its own in place of `start`, `lookForEnd`, `closeWriter`, `closeReader` and
 * `refusal`, which call these and take notes. While nobody watches, no step asks whether somebody does.
 */
export class Pipe implements Operator, Bereaved, AbortListener {
  private readonly ring: Ring = new Ring();
  /** Held by one write at a time, for all of its bytes. */
  private readonly writing: Mutex = new Mutex();
  /** Held by one read at a time, until it has something; by a step over views until the next step. */
  private readonly reading: Mutex = new Mutex();
  /** Where the write that holds the mutex waits: for room for its rest, or for a read that takes it. */
  readonly notFull: Condition = new Condition();
  /** Where the read that holds the mutex waits: for bytes, or for the end. While one waits here the ring is empty. */
  readonly notEmpty: Condition = new Condition();
  /** Flushes and calls of `ready()`. Made by the first that waits. */
  private attendants: Attendants | undefined = undefined;

  /** Bytes accepted since the start. Advanced by {@link offer} and {@link takeFrom}. */
  bytesWritten = 0;
  /** Bytes delivered since the start, those lent included. Advanced by {@link countRead}. */
  bytesRead = 0;

  /** How the writing side was closed. Set once by {@link closeWriter}; an abort of the pipe may still turn a close into a failure. */
  writerClosing: Closing | undefined = undefined;
  /** How the reading side was closed. Set once by {@link closeReader}. */
  readerClosing: Closing | undefined = undefined;
  /** Whether a close has dropped bytes of a write, so that no flush can succeed any more. */
  private dropped = false;

  /**
   * Stands for the iteration whose consumer looks at a view now, and so holds the read mutex. It is not the iteration
   * itself, which holds the reading end: held from here, that end could never be lost. Set by {@link lend}, cleared by
   * {@link returnView}.
   */
  private borrower: object | undefined = undefined;
  /** Bytes at the front of the ring that the borrower looks at: read already, but their room is not free yet. */
  private lent = 0;

  /** The ends, until the other side has waited for a turn. From then on their loss is watched for, and holding them would prevent it. */
  private reader: object | undefined = undefined;
  private writer: object | undefined = undefined;
  /** Whether a later turn is to look for those that wait. Set by {@link expectWait}, cleared by {@link watchEnds}. */
  private watchDue = false;

  /** Made when somebody first asks for `closed`. */
  private readerLatch: Latch | undefined = undefined;
  private writerLatch: Latch | undefined = undefined;
  /** The signal of the whole pipe, for as long as its abort would change something. */
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

  /** Holds the ends, which must not be collected while nobody watches for it. */
  join(reader: object, writer: object): void {
    this.reader = reader;
    this.writer = writer;
    if (this.signal !== undefined) {
      // The signal may live long, and holds the pipe by its listener: two ends that are lost must not stay with it.
      this.watchReader();
      this.watchWriter();
    }
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

  /** @param entire Whether to accept all of `bytes` or nothing. */
  tryWrite(bytes: Uint8Array, whole: boolean, entire: boolean): number {
    const { length } = bytes;
    const closing = this.writerClosing ?? this.readerClosing;
    if (closing !== undefined) throw this.refusal(closing, WRITE, length, 0);
    if (this.writing.locked) return 0;
    const isHandedOver = whole && this.handOver(bytes);
    const moved = isHandedOver ? length : entire && this.room < length ? 0 : this.offer(bytes, 0, length);
    if (moved > 0) chargeWrite(); // One that moved nothing is followed by a call that waits.
    tellProgress();
    return moved;
  }

  flush(caller: object, signal: Abortable | undefined, progress: Progress | undefined): Promise<void> {
    const closing = this.writerClosing ?? this.readerClosing;
    // A close that dropped no byte of a write stands in no flush's way, but for an own one with an error.
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

  /** Goes on with the write that holds the write mutex. */
  private goOnWriting(write: Operation): void {
    if (write.moved < write.length) {
      if (!write.intact) return this.withdraw(write, gone("write"));
      // Where a read waits the ring is empty, so a full one says that nothing can be moved. An array that was given away is not
      // copied while somebody may want it whole, nor one that can be lent.
      if (!write.whole && this.ring.free > 0 && this.waitingRead?.kind !== VIEW) {
        write.move(this.offer(write.bytes as Uint8Array, write.moved, write.length));
      }
      if (write.moved < write.length) {
        this.notFull.park(write); // Sleep until the rest fits into the ring, or a read has taken it from the array.
        this.notEmpty.notify(); // A read that waits even so takes no copy out of the ring: the array is there for it now.
        return;
      }
    }
    write.settleWrite();
    this.letNextWrite();
  }

  /** Goes on with a flush: when it has its turn among the writes, and when enough is read. */
  private goOnFlushing(flush: Operation): void {
    if (flush.length === 0) {
      flush.length = this.bytesWritten; // The writes before it are done, and these are their bytes.
      this.letNextWrite();
    }
    if (this.bytesRead < flush.length) {
      this.attendants ??= new Attendants();
      this.attendants.drained.park(flush); // Sleep until a read has taken the last of these bytes.
    } else {
      this.attendants?.reporting.delete(flush);
      flush.settle(undefined, 0);
    }
  }

  /** Gives an array that was given away to a read that waits for a chunk, if one does. */
  private handOver(bytes: Uint8Array): boolean {
    const read = this.waitingRead;
    if (read === undefined || (read.kind !== CHUNK && read.kind !== NEXT) || bytes.length === 0) return false;
    this.bytesWritten += bytes.length;
    this.deliver(read, bytes, bytes.length);
    return true;
  }

  /** Moves what can be moved of `bytes[from, to)` now, to the reads that wait and then into the ring, and returns how many bytes that were. */
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
    if (this.ring.length > 0) this.notEmpty.notify(); // Bytes are there: a read that waits even so wants a view of them.
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    return at - from;
  }

  /**
   * Gives a read that waits what it waits for.
   *
   * Where writes are small and a read always waits, each of them wakes it, and each read is an operation. So now and then the
   * read hears of its bytes one microtask late: by then the next write is in the ring, and if both sides go on like
   * that, neither has to wait again (at 64 bytes that halves the time).
   */
  private deliver(read: Operation, bytes: Uint8Array, count: number): void {
    deliveries = (deliveries + 1) % LATE_DELIVERY;
    read.late = deliveries === 0 && count <= PIPE_CAPACITY;
    read.value = bytes;
    read.move(count);
    this.bytesRead += count; // No flush waits in `drained` for these: where a read waits, all that was written before is read.
    if (this.attendants !== undefined) this.reportToFlushes(this.attendants);
    this.notEmpty.notify(); // Its bytes are there: it settles, and the next read waits in its place.
  }

  /** Lets go of the write mutex. */
  private letNextWrite(): void {
    this.writing.leave(); // The write that has waited longest has its turn.
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

  /** Puts bytes back that were read, in front of all others. They count as not read. */
  unread(bytes: Uint8Array): void {
    if (this.readerClosing !== undefined || bytes.length === 0) return;
    this.ring.putBack(bytes, this.lent);
    this.bytesRead -= bytes.length;
    this.notEmpty.notify(); // Bytes are there.
  }

  /** What the end is for a read that does not wait: `null`, or a throw. */
  private end(kind: number, length: number): null {
    const failure = this.endFailure(kind, length);
    if (failure !== undefined) throw failure.reason;
    return null;
  }

  /** Goes on with the read that holds the read mutex. */
  private goOnReading(read: Operation): void {
    const { kind } = read;
    if (kind === READ && !read.intact) return this.withdraw(read, gone("read"));
    if (read.value === undefined) this.serve(read);
    const value = read.value as Uint8Array | undefined;
    if (value !== undefined) {
      const count = kind === READ ? read.moved : value.length;
      read.settle(kind === READ ? count : kind === CHUNK ? value : { done: false, value }, count);
      if (kind !== VIEW) this.reading.leave(); // A view is lent until the next step, and other reads wait for that.
    } else if (!this.ended) {
      this.notEmpty.park(read); // Sleep until a write brings bytes, or none ever will.
    } else {
      this.withdraw(read, this.endFailure(kind, read.length));
    }
  }

  /** Gives a read what is there now, if anything is. */
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
   * Copies what is there now into `into[0, to)`: from the ring, then straight from the array of the write that waits.
   *
   * @param late Whether a write that is done with it hears of it one microtask later. An asynchronous reader then comes first: it waits again by
   * the time the writer goes on, and the next write goes over in one copy instead of two.
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

  /** Takes what is there now, up to `maxBytes`, as an array that the caller owns. */
  private takeChunk(maxBytes: number, late: boolean): Uint8Array | undefined {
    const write = this.intactWrite();
    const inRing = this.ring.length;
    if (write?.whole && inRing === 0) {
      this.takeFrom(write, write.length);
      this.letWriteGoOn(write, late);
      this.countRead(write.length);
      return write.bytes;
    }
    // One array, as long as what is there in both places. What was given away stays whole for the next chunk.
    const waiting = write === undefined || write.whole ? 0 : write.length - write.moved;
    const length = Math.min(inRing + waiting, maxBytes);
    if (length === 0) return undefined;
    const chunk = new Uint8Array(length);
    this.take(chunk, length, late);
    return chunk;
  }

  /** Lends an iteration a view of what is there now: of the ring, else of the array of the write that waits. */
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
   * Takes back what an iteration was lent, if it was: its room is free, its write may settle, other reads have their turn.
   *
   * @param next Whether the next view is asked for in the same breath. Then the write that waits is not copied into the
   * room that became free, since it can be lent as it is.
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
    this.reading.leave(); // The read that has waited longest has its turn.
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    tellProgress();
  }

  /** The write that waits, once those whose arrays are gone are out of the way. */
  private intactWrite(): Operation | undefined {
    let write = this.waitingWrite;
    while (write !== undefined && !write.intact) {
      this.withdraw(write, gone("write"));
      write = this.waitingWrite;
    }
    return write;
  }

  /** Counts bytes of a waiting write that were taken from its array. */
  private takeFrom(write: Operation, count: number): void {
    write.whole = false;
    write.move(count);
    this.bytesWritten += count;
  }

  /** Wakes the write that waits if nothing is left of it, or no more than fits into the ring. */
  private letWriteGoOn(write: Operation, late: boolean): void {
    if (write.lent || write.whole || write.length - write.moved > this.ring.free) return;
    write.late = late;
    this.notFull.notify(); // There is room for its rest.
  }

  /** Counts bytes that a consumer has got. */
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

  /** Tells flushes how many of the bytes written before them are read. Before one has its turn, all bytes that can be read are such. */
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
      drained.notify(); // All that it waits for is read.
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
    if (this.borrower !== undefined) this.returnView(this.borrower, false); // Nobody looks at it any more.
  }

  /** The signal of the pipe was aborted: that fails the writing side, and also the writes that a close let go on. */
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

  /** The error that a side was closed with. */
  failureOfSide(side: Side): Failure | undefined {
    const closing = side === "writer" ? this.writerClosing : this.readerClosing;
    return closing?.how === "failed" ? { reason: closing.reason } : undefined;
  }

  /** What a side's operations are rejected with because of the other side, if that is so now. */
  peerFailure(side: Side): Failure | undefined {
    const [own, other] =
      side === "writer" ? [this.writerClosing, this.readerClosing] : [this.readerClosing, this.writerClosing];
    if (own !== undefined || other === undefined || (side === "reader" && other.how === "closed"))
      return undefined;
    return { reason: this.refusal(other, side === "writer" ? WRITE : READ, 0, 0) };
  }

  /** Resolves once no read can deliver a byte any more. */
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

  /** Bytes in the ring that no consumer has got. */
  get untaken(): number {
    return this.ring.length - this.lent;
  }

  /** Whether no byte can come any more. */
  get ended(): boolean {
    return this.writerClosing !== undefined && this.untaken === 0 && !this.writing.locked;
  }

  /** Rejects the writes in flight, and the flushes that wait behind them. */
  private rejectWrites(closing: Closing): void {
    for (const write of allWaiting(this.writing, this.notFull)) {
      if (write.lent) continue; // All of its bytes are taken: it is done when the consumer has looked at them.
      this.dropped ||= write.kind === WRITE;
      this.withdraw(write, this.failureOf(write, closing));
    }
  }

  /** Where the writing side is closed and its writes are done: tells those who wait for bytes that none will come. */
  lookForEnd(): void {
    if (this.writing.locked) return;
    this.stopListening();
    if (!this.ended) return;
    this.readerLatch?.open();
    if (this.attendants !== undefined) this.announceReadiness(this.attendants);
    this.notEmpty.notify(); // The end is there: the read that waits sees it, and the others in turn.
  }

  /** The signal of the pipe can change nothing any more. */
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

  /** What an operation is rejected with because of `closing`: the very error that the other side gave, or else one that says what happened. */
  refusal(closing: Closing, kind: number, length: number, moved: number): unknown {
    const isOwn = closing.side === (kind <= FLUSH ? "writer" : "reader");
    if (closing.how === "failed" && !isOwn) return closing.reason;
    return closedPipeError(closing, kind, length, moved, this.name);
  }

  // ===== Readiness =====

  /** Bytes that `tryRead` would take now. */
  get available(): number {
    if (this.readerClosing !== undefined || this.reading.locked) return 0;
    const write = this.waitingWrite;
    return this.untaken + (write === undefined || !write.intact ? 0 : write.length - write.moved);
  }

  /** Bytes that `tryWrite` would accept now. */
  get room(): number {
    if ((this.writerClosing ?? this.readerClosing) !== undefined || this.writing.locked) return 0;
    let room = this.ring.free;
    for (const read of allWaiting(this.notEmpty, this.notEmpty.first && this.reading)) {
      if (read.kind === VIEW) break; // It is lent what is in the ring.
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

  /** The read that waits for bytes, its array at hand. */
  private get waitingRead(): Operation | undefined {
    return this.notEmpty.first as Operation | undefined;
  }

  /** The write that waits for room, its array at hand. */
  private get waitingWrite(): Operation | undefined {
    return this.notFull.first as Operation | undefined;
  }

  /** What a call resolves with that need not wait. */
  private done<T>(value: T, bytes: number): Promise<T> {
    tellProgress();
    return settled(value, bytes);
  }

  /** Lets an operation begin, and wait where it must. */
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
    // What is not in a queue goes on already, and a lent write is done when the consumer has looked at it.
    if (operation.queue === undefined || operation.lent) return;
    this.withdraw(operation, { reason });
    tellProgress();
  }

  /** Ends the steps of an iteration that wait, with a failure or as done, and returns whether there were any. */
  endSteps(iteration: Stepper, failure: Failure | undefined): boolean {
    const steps = allWaiting(this.reading, this.notEmpty).filter(({ caller }) => caller === iteration);
    for (const step of steps) this.withdraw(step, failure);
    return steps.length > 0;
  }

  /** Takes an operation out, wherever it waits, and ends it: with a failure, or as a read ends that finds the end. */
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
    else this.reading.leave(); // The next read waits in its place, or sees the end.
  }

  /** Somebody waits from now on, or may. If that lasts, the pipe must hear of it if the end that could end it is lost. */
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
 * All that wait at these places. A mutex goes before the condition where its holder waits: who queues for it is to be
 * taken out before the holder lets go of it, or would get it first.
 */
function allWaiting(...places: Array<Mutex | Condition | undefined>): Operation[] {
  const operations: Operation[] = [];
  for (const place of places) {
    for (let next = place?.first; next !== undefined; next = next.next) operations.push(next as Operation);
  }
  return operations;
}

/** An operation's array was there at the call and is gone now that the pipe touches it. */
function gone(operation: "write" | "read"): Failure {
  return {
    reason: new TypeError(
      `Cannot go on with a ${operation}: its array was detached or shrunk while it waited`,
    ),
  };
}
