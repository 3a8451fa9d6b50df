import { isWatched, waits } from "../adapter/waits.ts";
import { settled } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { type Failure, Operation, READ, tellProgress, WRITE } from "../pipe/operation.ts";
import type { Abortable } from "../signal.ts";
import type { Progress } from "../types.ts";
import { attachedHere, noteAttached } from "./attached.ts";
import type { BlockingCall, Call } from "./call.ts";
import { CallLine, NOTHING, type SideOfPipe, TURN } from "./call-line.ts";
import { attemptOf, Closings } from "./closing.ts";
import { writeError } from "./error-record.ts";
import {
  ATTACHED,
  FAILED,
  HAS_SIGNAL,
  HEAD,
  LOST,
  MANY_READERS,
  MANY_WRITERS,
  READER_ATTACHED,
  READER_CLOSED,
  READER_SHIFT,
  STATE,
  TAIL,
  WRITER_ATTACHED,
} from "./layout.ts";
import { WANTED } from "./lock.ts";
import { lose } from "./loss.ts";
import type { Memory } from "./memory.ts";
import { platform, sleepAsync, stayAlive } from "./platform.ts";
import { announce, close, hasNews } from "./protocol.ts";
import { leave as leaveRoster, standing } from "./roster.ts";
import { SharedWait } from "./shared-wait.ts";
import { ASYNC_MS, BLOCKING_MS, Spin } from "./spin.ts";
import { type Ending, thisThread } from "./thread.ts";
import { timeoutError } from "./timeout-error.ts";

const SIDES = ["reader", "writer"] as const;
const BOTH: number = READER_ATTACHED | WRITER_ATTACHED;

/**
 * The base class of both ends: it adds to {@link CallLine} the ways to wait for the other side.
 *
 * A call that cannot finish now waits by a promise ({@link run}), or blocks the thread ({@link block}). A blocking call also
 * completes the calls before it. Both spin for a short time before they park.
 *
 * The class has the methods of `Operator`, for its operations. It does not declare that interface, which is not published.
 */
export abstract class End extends CallLine {
  protected readonly closings: Closings;
  /** The first end that this thread attached to the side, often this one. It holds the calls of all ends of the side. */
  protected readonly lead: this;
  readonly #ownCounter: typeof HEAD | typeof TAIL;
  readonly #peerCounter: typeof HEAD | typeof TAIL;
  readonly #spin = new Spin();
  /** The other side's counter when the last spin on it failed. */
  #failedSpinAt: number | undefined = undefined;
  /** Words with a pending `Atomics.waitAsync`, one each. It is never cancelled, because a needless wake-up is harmless. */
  readonly #asleep = new Set<number>();
  /** For a lead: the number of attached ends that share its line. */
  #attached = 0;
  /** For a lead: the other ends that have calls waiting by promises. */
  readonly #waiting = new Set<End>();
  /** Number of calls of this end that wait by promises. They keep the process alive. */
  #waits = 0;
  #endStayAlive: (() => void) | undefined = undefined;
  /** While a watch is on: the functions that end the reports of this end's waiting calls. */
  #reports: Map<Operation, () => void> | undefined = undefined;
  #referenced = true;
  #isDetached = false;
  #closed: Latch | undefined = undefined;
  #isAlone: boolean | undefined = undefined;

  constructor(memory: Memory, pipe: SideOfPipe, lead: End | undefined) {
    super(memory, pipe);
    [this.#ownCounter, this.#peerCounter] = pipe.side === "writer" ? [HEAD, TAIL] : [TAIL, HEAD];
    this.closings = new Closings(this.words, pipe.side);
    this.lead = (lead ?? this) as this;
    this.lead.#attached += 1;
    this.refresh();
    if (lead === undefined) noteAttached(this.words, pipe.side, this);
  }

  /** Resolves as soon as no new call of this end can move a byte, whichever side closed. Never rejects. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = new Latch();
      this.#watch(this.#closed);
    }
    return this.#closed.promise;
  }

  abstract close(): void;

  /** As `close()`, but calls of the other side reject with an `Error` that has the name, message and code of `error`. */
  closeWithError(error: unknown): void {
    const { side, ownClosed } = this.pipe;
    if (this.#isDetached || (Atomics.load(this.words, STATE) & ownClosed) !== 0) return;
    writeError(this.words, side, error);
    close(this.words, side === "writer" ? FAILED : FAILED << READER_SHIFT, ownClosed);
    this.lead.run(); // Fails the pending calls of this side.
  }

  /**
   * Detaches this end from a side of `"many"`, which stays open for the other ends. Pending calls finish; new calls reject.
   * After all of its ends are detached, a thread may end in any way without failing the pipe. The last user must still close
   * the side. A second call has no effect.
   *
   * @throws {TypeError} If the side was made for `"one"`.
   */
  detach(): void {
    if (this.mutex === 0) {
      const { side } = this.pipe;
      throw new TypeError(
        `Cannot detach the only ${side} of a pipe: close it, or make the pipe with ${side}s: "many"`,
      );
    }
    if (this.#isDetached) return;
    this.#isDetached = true;
    this.#closed?.open();
    this.lead.#attached -= 1;
    this.lead.#leaveIfDone();
  }

  /** Calls `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Allows the process to exit while calls of this end are pending. */
  unref(): void {
    this.#referenced = false;
    this.#keepAlive();
  }

  /** Reverses {@link unref}: pending calls keep the process alive, which is the default. */
  ref(): void {
    this.#referenced = true;
    this.#keepAlive();
  }

  /** @internal */
  abort(call: Operation, reason: unknown): void {
    if (call.queue === undefined) return;
    this.fail(call, reason);
    this.run();
  }

  /** @internal */
  get isDetached(): boolean {
    return this.#isDetached;
  }

  /**
   * Whether a new call of this end can move a byte.
   *
   * @internal
   */
  get isUsable(): boolean {
    return !this.#isDetached && !this.isOver(Atomics.load(this.words, STATE));
  }

  /**
   * The error that calls fail with because of the other side, if they do.
   *
   * @internal
   */
  get peerFailure(): Failure | undefined {
    const { side, ownClosed } = this.pipe;
    const state = Atomics.load(this.words, STATE);
    const isWriter = side === "writer";
    const failed = isWriter ? READER_CLOSED : FAILED | LOST;
    if (this.#isDetached || (state & ownClosed) !== 0 || (state & failed) === 0) return undefined;
    const call = { kind: isWriter ? WRITE : READ, length: 0, moved: 0 };
    return { reason: this.closings.failure(isWriter ? "reader" : "writer", call) };
  }

  /**
   * Detaches this end from a side of `"many"`, else closes it.
   *
   * @internal
   */
  leave(): void {
    if (this.mutex === 0) this.close();
    else this.detach();
  }

  /** @internal */
  goOn(): void {} // Required by `Operator`. Calls of an end are resumed by run() instead.

  /**
   * Called as the last step of this thread. Fails a side that it may leave half used, or takes the thread off the roster.
   *
   * @internal
   */
  endWithThread({ code, error }: Ending): void {
    const { side } = this.pipe;
    const stands = standing(this.words, side, thisThread);
    const isIdle = this.calls.first === undefined && this.aside.first === undefined;
    if (stands === "left") return;
    if (this.mutex !== 0 && code === 0 && error === undefined && isIdle)
      leaveRoster(this.words, side, thisThread);
    else lose(this.words, side, error);
  }

  /** @throws {ClosedPipeError} If this end was detached. */
  protected requireAttached(kind: number, length: number): void {
    if (this.#isDetached) throw this.closings.detached({ kind, length, moved: 0 });
  }

  /** Whether a new call could not move a byte in this state. */
  protected abstract isOver(state: number): boolean;
  /** Number of free bytes (for a writer) or readable bytes (for a reader) at which this side wants to be woken. */
  protected abstract need(): number;

  /** Spins for up to `ms` until the other side moves. A failed spin is not repeated while the counter is the same. */
  protected peerMoves(ms: number): boolean {
    const { peer } = this.half;
    if (ms === 0 || peer === this.#failedSpinAt) return false;
    if (this.#spin.until(this.words, this.#peerCounter, peer, ms)) return true;
    this.#failedSpinAt = peer;
    return false;
  }

  /** Begins a call that waits by a promise. `moved` of its bytes were moved before. */
  protected start(
    kind: number,
    bytes: Uint8Array | undefined,
    length: number,
    moved: number,
    signal?: Abortable,
    progress?: Progress,
  ): Promise<unknown> {
    this.requireAttached(kind, length);
    const { lead } = this;
    const call = new Operation(lead, kind, this, bytes, length);
    call.listen(signal, progress);
    if (moved > 0) call.move(moved);
    this.#waits += 1;
    if (lead !== this) lead.#waiting.add(this);
    lead.calls.add(call);
    lead.run();
    if (isWatched() && call.queue !== undefined) this.#report(call);
    return call.promise;
  }

  /** Blocks the thread until the call, and the calls before it, are done. */
  protected block(call: BlockingCall, timeoutMs: number): unknown {
    this.requireAttached(call.kind, call.length);
    return this.lead.#block(call, timeoutMs);
  }

  /** Advances the calls until they must wait, then parks. */
  protected run(): void {
    for (;;) {
      this.workAside();
      const word = this.work();
      const isAside = this.aside.first !== undefined;
      if (word === TURN) {
        void settled(undefined, 0).then(() => this.run());
      } else if (word !== NOTHING || isAside) {
        const bell = this.pipe.bell;
        if (this.#look(word || bell, ASYNC_MS) || !this.#sleep(word || bell)) continue;
        if (isAside && word === this.mutex && !this.#sleep(bell)) continue;
      }
      break;
    }
    this.#keepAlive();
    if (this.#waiting.size > 0) for (const end of this.#waiting) end.#keepAlive();
    if (this.#attached === 0) this.#leaveIfDone();
    tellProgress();
  }

  protected override refresh(): void {
    this.half.own = Atomics.load(this.words, this.#ownCounter);
    this.half.peer = Atomics.load(this.words, this.#peerCounter);
  }

  protected override onOver(call: Call): void {
    if (!(call instanceof Operation)) return;
    const caller = call.caller as End;
    caller.#waits -= 1;
    if (caller.#reports !== undefined) caller.#endReport(call);
  }

  /** Reports a waiting call to the diagnostics. */
  #report(call: Operation): void {
    const end = waits(this, new SharedWait(this.words, this.pipe.side, call));
    if (end !== undefined) (this.#reports ??= new Map()).set(call, end);
  }

  #endReport(call: Operation): void {
    this.#reports?.get(call)?.();
    this.#reports?.delete(call);
  }

  #block(call: BlockingCall, timeoutMs: number): unknown {
    const deadline = platform.performance.now() + timeoutMs;
    this.calls.add(call);
    for (;;) {
      const word = this.work();
      if (call.queue === undefined) break;
      const leftMs = deadline - platform.performance.now();
      if (leftMs <= 0) {
        this.fail(call, timeoutError(call, timeoutMs));
        break;
      }
      if (word === TURN || this.#look(word, Math.min(BLOCKING_MS, leftMs))) continue;
      const value = this.#fallAsleep(word);
      if (value === 0) continue;
      if (timeoutMs === Number.POSITIVE_INFINITY && this.#hasBothEnds()) {
        if (this.#letTwinRun()) continue;
        this.fail(call, this.#deadlock(call));
        break;
      }
      Atomics.wait(this.words, word, value, leftMs);
    }
    this.run(); // Resume waiting for the calls that wait by promises.
    if (call.failure !== undefined) throw call.failure.reason;
    return call.value;
  }

  /**
   * Whether a wait of this thread could never end: this thread has both ends, and the pipe has no signal that could close it.
   * The result does not change later.
   */
  #hasBothEnds(): boolean {
    const { words } = this;
    const attached = Atomics.load(words, ATTACHED);
    if ((attached & (MANY_WRITERS | MANY_READERS | HAS_SIGNAL)) !== 0 || (attached & BOTH) !== BOTH)
      return false;
    this.#isAlone ??= SIDES.every((side) => standing(words, side, thisThread) === "here");
    return this.#isAlone;
  }

  /** Advances the calls of the pipe's other end, which is in this thread. Returns whether this call can now go on. */
  #letTwinRun(): boolean {
    attachedHere(this.words, this.pipe.side === "writer" ? "reader" : "writer")?.run();
    return hasNews(this.half, this.#peerCounter, this.pipe.stops);
  }

  #deadlock(call: Call): TypeError {
    const instead = call.kind === WRITE ? "write" : "read";
    return new TypeError(
      `Cannot ${attemptOf(call)} by blocking: this thread has both ends of the pipe, so nothing can wake it. Await ${instead}(), or attach the other end in another thread`,
    );
  }

  /** Spins on `word` for up to `ms`. Returns whether it changed. */
  #look(word: number, ms: number): boolean {
    return word === this.mutex ? this.#spin.until(this.words, word, WANTED, ms) : this.peerMoves(ms);
  }

  /** Announces that this side parks on `word`. Returns the value to park on, or 0 if a call can go on and must not park. */
  #fallAsleep(word: number): number {
    if (word === this.mutex) return WANTED;
    const value = announce(this.words, word, this.need());
    const stops = this.calls.first === undefined ? this.pipe.asideStops : this.pipe.stops;
    return hasNews(this.half, this.#peerCounter, stops) ? 0 : value;
  }

  /** Parks on `word` by a promise. Returns false if a call can go on and must not park. */
  #sleep(word: number): boolean {
    const value = this.#fallAsleep(word);
    if (value === 0) return false;
    if (this.#asleep.has(word)) return true;
    const sleeps = sleepAsync(this.words, word, value, () => {
      this.#asleep.delete(word);
      this.run();
    });
    if (sleeps) this.#asleep.add(word);
    return sleeps;
  }

  #keepAlive(): void {
    if (this.#referenced && this.#waits > 0) {
      this.#endStayAlive ??= stayAlive();
    } else {
      this.#endStayAlive?.();
      this.#endStayAlive = undefined;
      if (this.#waits === 0) this.lead.#waiting.delete(this);
    }
  }

  /** Takes this thread off the roster once all of its ends are detached and their calls are done. */
  #leaveIfDone(): void {
    if (this.#attached > 0 || this.calls.first !== undefined || this.aside.first !== undefined) return;
    leaveRoster(this.words, this.pipe.side, thisThread);
  }

  #watch(latch: Latch): void {
    for (;;) {
      const state = Atomics.load(this.words, STATE);
      if (this.#isDetached || this.isOver(state)) return latch.open();
      if (sleepAsync(this.words, STATE, state, () => this.#watch(latch))) return;
    }
  }
}
