import { isBytes, requireBytes } from "../bytes.ts";
import type { Side } from "../errors.ts";
import { progressOf, signalOf } from "../options.ts";
import { rejected, settled } from "../pipe/budget.ts";
import { FLUSH, type Operation, WRITE } from "../pipe/operation.ts";
import type { WaitOptions, WriteOptions, Writer } from "../types.ts";
import { BlockingCall, type BlockingOptions, type Call, requireBlocking, timeoutOf } from "./call.ts";
import { MAKES_WAY, type Outcome, STEPS_ASIDE, WAITS } from "./call-line.ts";
import { End } from "./end.ts";
import {
  CAPACITY,
  CLOSED,
  ENDING,
  FAILED,
  HEAD,
  LOST,
  READER_CLOSED,
  STATE,
  TAIL,
  WRITER_CLOSED,
  WRITER_SLEEPS,
  WRITES,
} from "./layout.ts";
import type { Memory } from "./memory.ts";
import { close, put, wakeReader } from "./protocol.ts";
import { ASYNC_MS, BLOCKING_MS } from "./spin.ts";

/** The most bytes that a write moves before other code may run, or, if it blocks, before it checks its timeout. */
const STRETCH = 65_536;

const OWN_CLOSED: number = WRITER_CLOSED | ENDING;

/**
 * The writing end of a pipe between threads. Made by {@link attachWriter}.
 *
 * It has the methods of the writer of `pipe()`, and also the blocking {@link writeSync}. Bytes are always copied: the option
 * `transfer` has no effect.
 *
 * # Closing
 *
 * It closes like the writer of `pipe()`. With many writers, a close in one thread closes the side for all of them; pending
 * writes of all threads finish.
 */
export class SharedWriter extends End implements Writer {
  /** Number of bytes of this end that were accepted since it was attached. */
  bytesWritten = 0;
  /** Whether a close has dropped bytes of a write of this thread. Set by {@link attempt}. */
  #dropped = false;

  /** @internal */
  constructor(memory: Memory, mutex: number, lead?: End) {
    const asideStops = LOST | READER_CLOSED;
    const stops = FAILED | asideStops;
    const side = {
      side: "writer",
      bell: WRITER_SLEEPS,
      mutex,
      ownClosed: OWN_CLOSED,
      stops,
      asideStops,
    } as const;
    super(memory, side, lead);
  }

  /**
   * Writes all of `bytes`. Resolves with `bytes.length` once every byte is in the ring; the array may then be reused.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`.
   * @throws {TypeError} If the buffer of `bytes` is detached or shrunk, before the call or while the write is pending.
   * @throws {TypeError} If `signal` is not an `AbortSignal`, or `progress` is not an object.
   * @throws `signal.reason` if the signal is or becomes aborted. Bytes already moved stay moved, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed or detached, or the reader is closed without an error.
   * @throws {AbandonedPipeError} If the thread of the reader died.
   * @throws An `Error` with the name, message and code of the error that the reader was closed with.
   */
  write(bytes: Uint8Array, options?: WriteOptions): Promise<number> {
    if (options === undefined && isBytes(bytes) && bytes.length > 0) {
      const { length } = bytes;
      const moved = this.#putSoon(bytes, Math.min(length, STRETCH), ASYNC_MS);
      if (moved === length) return settled(length, length);
      if (moved > 0) return this.start(WRITE, bytes, length, moved) as Promise<number>;
    }
    try {
      requireBytes(bytes, "write");
      const signal = signalOf(options);
      const progress = progressOf(options);
      if (signal?.aborted) throw signal.reason;
      this.#enter(bytes.length);
      if (bytes.length === 0) {
        this.#leave();
        return settled(0, 0);
      }
      return this.start(WRITE, bytes, bytes.length, 0, signal, progress) as Promise<number>;
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Writes all of `bytes` and returns `bytes.length`. It blocks the thread until earlier calls of this thread are done and
   * every byte is in the ring. A blocked thread runs no other code, so the call deadlocks if the reader depends on this thread.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or its buffer is detached or shrunk.
   * @throws {TypeError} If this thread must not block, such as the main thread of a page.
   * @throws {TypeError} If it would block forever, because this thread also has the reader.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If it is not done within `timeoutMs`. Its `bytesWritten` bytes were accepted; the pipe stays usable.
   * @throws The errors that {@link write} rejects with once a side is closed.
   */
  writeSync(bytes: Uint8Array, options?: BlockingOptions): number {
    requireBytes(bytes, "write");
    const timeoutMs = timeoutOf(options);
    requireBlocking("writeSync()", "await write()");
    const { length } = bytes;
    const isTimed = timeoutMs !== Number.POSITIVE_INFINITY;
    const moved = this.#putSoon(
      bytes,
      isTimed ? Math.min(length, STRETCH) : length,
      isTimed ? 0 : BLOCKING_MS,
    );
    if (moved === 0) this.#enter(length);
    else if (moved === length) return length;
    if (length === 0) {
      this.#leave();
      return 0;
    }
    const call = new BlockingCall(this, WRITE, bytes);
    call.move(moved);
    return this.block(call, timeoutMs) as number;
  }

  /**
   * Writes as many bytes as fit now, and returns their number. It is 0 while other writes are pending.
   *
   * @throws The errors that {@link write} rejects with.
   */
  tryWrite(bytes: Uint8Array): number {
    requireBytes(bytes, "write");
    const { length } = bytes;
    this.#enter(length);
    const { lead } = this;
    try {
      return lead.attemptLocked(() => {
        const moved = lead.#put(this, bytes, 0, length);
        wakeReader(this.words);
        return moved;
      }, 0);
    } finally {
      this.#leave();
    }
  }

  /**
   * Waits until the reader has read every byte of every write issued before. Later writes do not wait for it. A `write`
   * followed by a `flush` is equivalent to `Write` in Go. It also works after `close()` of this end.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted.
   * @throws {ClosedPipeError} If this end was closed with an error before the call.
   * @throws {ClosedPipeError} If both sides were closed before the call, and the reader has not read every byte.
   * @throws The errors that {@link write} rejects with, once a close has dropped unread bytes.
   */
  flush(options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options);
      if (signal?.aborted) throw signal.reason;
      const state = Atomics.load(this.words, STATE);
      // A new call fails if both sides are closed and bytes are unread. This side's own close is then the stated reason.
      const isCut = (state & OWN_CLOSED) !== 0 && (state & READER_CLOSED) !== 0 && this.lead.#isUnread;
      if (isCut || (state & (FAILED | LOST)) !== 0) {
        throw this.closings.failure("writer", { kind: FLUSH, length: 0, moved: 0 });
      }
      return this.start(FLUSH, undefined, 0, 0, signal) as Promise<void>;
    } catch (error) {
      return rejected(error);
    }
  }

  /** Ends the stream: pending writes finish, then the reader gets the end. It neither throws nor waits. Only the first close counts. */
  close(): void {
    if (!this.isDetached && close(this.words, ENDING, OWN_CLOSED)) this.lead.#end();
  }

  protected isOver(state: number): boolean {
    return (state & (OWN_CLOSED | READER_CLOSED)) !== 0;
  }

  protected need(): number {
    const call = this.calls.first;
    // A long write is woken once half of the ring is free. It must not wait for more room than it needs.
    if (call === undefined || this.aside.first !== undefined) return 1;
    return Math.min(call.length - call.moved, CAPACITY / 2);
  }

  protected attempt(call: Call): Outcome {
    const state = Atomics.load(this.words, STATE);
    const { bytes } = call;
    if (bytes === undefined && !this.#dropped) {
      (call as Operation).length = this.half.own; // The flush waits until the reader's counter reaches this one.
      return STEPS_ASIDE;
    }
    const side = closedSide(state, FAILED | LOST);
    if (side !== undefined || bytes === undefined) {
      this.#dropped = true;
      return this.fail(call, this.closings.failure(side ?? "writer", call));
    }
    if (!call.intact) {
      return this.fail(
        call,
        new TypeError(
          `Cannot write ${call.length} bytes: the array was detached or shrunk after ${call.moved} were accepted`,
        ),
      );
    }
    const stretch = Math.min(call.length, call.moved + STRETCH);
    call.move(this.#put(call.caller as SharedWriter, bytes, call.moved, stretch));
    wakeReader(this.words);
    if (call.moved < stretch) return WAITS;
    if (call.moved < call.length) return MAKES_WAY;
    return this.settle(call, call.length, call.length);
  }

  protected override workAside(): void {
    for (;;) {
      const flush = this.aside.first;
      if (flush === undefined) return;
      const state = Atomics.load(this.words, STATE);
      const tail = Atomics.load(this.words, TAIL);
      const side = closedSide(state, LOST);
      this.half.peer = tail;
      const isRead = ((tail - flush.length) | 0) >= 0;
      if (!isRead && side === undefined) return;
      if (isRead) this.settle(flush, undefined, 0);
      else this.fail(flush, this.closings.failure(side as Side, flush));
    }
  }

  protected override onRemoved(call: Call): void {
    if (call.kind === WRITE) this.#leave();
    else this.#end();
  }

  /** Puts `bytes[0, to)` into the ring unless other calls are in line, spinning for up to `ms` at a time for more room. */
  #putSoon(bytes: Uint8Array, to: number, ms: number): number {
    let moved = 0;
    while (this.isFree) {
      moved += this.#put(this, bytes, moved, to);
      wakeReader(this.words);
      if (moved === to || !this.peerMoves(ms)) break;
    }
    return moved;
  }

  #put(caller: SharedWriter, bytes: Uint8Array, from: number, to: number): number {
    const count = put(this.half, bytes, from, to);
    caller.bytesWritten += count;
    return count;
  }

  /** Whether some bytes of this side's writes are not read. */
  get #isUnread(): boolean {
    const { words } = this;
    return (
      this.#dropped ||
      this.calls.first !== undefined ||
      Atomics.load(words, HEAD) !== Atomics.load(words, TAIL)
    );
  }

  /** Begins a write. With many writers, pending writes are counted, so that a close takes effect after the last one. */
  #enter(length: number): void {
    this.requireAttached(WRITE, length);
    if (this.mutex !== 0) Atomics.add(this.words, WRITES, 1);
    const side = closedSide(Atomics.load(this.words, STATE), OWN_CLOSED);
    if (side === undefined) return;
    this.#leave();
    throw this.closings.failure(side, { kind: WRITE, length, moved: 0 });
  }

  #leave(): void {
    if (this.mutex !== 0) Atomics.sub(this.words, WRITES, 1);
    this.#end();
  }

  /** Ends the stream for the reader if `close()` was called and the last write is done. */
  #end(): void {
    const state = Atomics.load(this.words, STATE);
    if ((state & OWN_CLOSED) !== ENDING) return;
    const isLast = this.mutex === 0 ? this.calls.first === undefined : Atomics.load(this.words, WRITES) === 0;
    if (isLast) close(this.words, CLOSED, WRITER_CLOSED);
  }
}

/** The side whose close makes a write fail: the writer if one of the bits `own` is set, else the reader if it is closed. */
function closedSide(state: number, own: number): Side | undefined {
  return (state & own) !== 0 ? "writer" : (state & READER_CLOSED) !== 0 ? "reader" : undefined;
}
