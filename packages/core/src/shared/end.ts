import type { Side } from "../errors.ts";
import { settled } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { Operation, tellProgress, WRITE } from "../pipe/operation.ts";
import type { Abortable } from "../signal.ts";
import { Waiters } from "../sync/waiters.ts";
import type { Progress } from "../types.ts";
import type { BlockingCall, Call } from "./call.ts";
import { Closings } from "./closing.ts";
import { writeError } from "./error-record.ts";
import { FAILED, HEAD, READER_SHIFT, STATE, TAIL } from "./layout.ts";
import { lockOrMark, tryLock, unlock, WANTED } from "./lock.ts";
import type { Memory } from "./memory.ts";
import { platform, sleepAsync, stayAlive } from "./platform.ts";
import { announce, close, type Half, hasNews } from "./protocol.ts";
import { ASYNC_MS, BLOCKING_MS, Spin } from "./spin.ts";
import { TimeoutError } from "./timeout-error.ts";

/** How the first call stands: it is settled, or it waits, or it makes way for the rest of the program. */
export const OVER = 0;
export const WAITS = 1;
export const MAKES_WAY = 2;
/** It goes on beside the others. */
export const STEPS_ASIDE = 3;

export type Outcome = typeof OVER | typeof WAITS | typeof MAKES_WAY | typeof STEPS_ASIDE;

/** Returned by {@link End.work} instead of a word: nothing waits; or something does, only to let others have their turn. */
const NOTHING = 0;
const TURN = -1;

/** What the two sides differ in. */
export interface SideOfPipe {
  readonly side: Side;
  /** The word that this side sleeps on. */
  readonly bell: number;
  /** The word of the mutex that is held for a whole call where many threads have this side, else 0. */
  readonly mutex: number;
  /** States that say that this side has closed. */
  readonly ownClosed: number;
  /** States in which no call that waits in line can go on, and those in which none can that has stepped aside. */
  readonly stops: number;
  readonly asideStops: number;
}

/**
 * What both ends have in common: calls that stand in line, and the ways to wait for the other side.
 *
 * {@link work} does what can be done now and knows no waiting. What is left then waits by a promise ({@link run}) or by blocking the thread
 * ({@link block}), which takes along the calls that came before. Both look for a while before they sleep.
 *
 * To its operations it is their `Operator`. It does not say so, since what they call is internal and no part of the published types.
 */
export abstract class End {
  protected readonly words: Int32Array;
  protected readonly half: Half;
  protected readonly mutex: number;
  protected readonly closings: Closings;
  /** Calls that are not over, in their order; the first is in progress. */
  protected readonly calls: Waiters<Call> = new Waiters();
  /** Calls that stepped aside. */
  protected readonly aside: Waiters<Operation> = new Waiters();
  readonly #pipe: SideOfPipe;
  readonly #ownCounter: typeof HEAD | typeof TAIL;
  readonly #peerCounter: typeof HEAD | typeof TAIL;
  /** Whether the mutex is held for the first call. */
  #locked = false;
  /** Whether word was left that the mutex is wanted, so that an unlock may wake this end and nobody else. */
  #wanted = false;
  readonly #spin = new Spin();
  /** The other side's counter when it was last looked at in vain. */
  #inVain: number | undefined = undefined;
  /** Words that are waited on by a promise: one wait for each, which is never taken back, since being woken too often does no harm. */
  readonly #asleep = new Set<number>();
  /** Set while calls wait by promises and so keep the process alive. */
  #letDie: (() => void) | undefined = undefined;
  #referenced = true;
  #closed: Latch | undefined = undefined;

  constructor(memory: Memory, pipe: SideOfPipe) {
    const { words } = memory;
    this.words = words;
    this.mutex = pipe.mutex;
    this.#pipe = pipe;
    [this.#ownCounter, this.#peerCounter] = pipe.side === "writer" ? [HEAD, TAIL] : [TAIL, HEAD];
    this.closings = new Closings(words, pipe.side);
    this.half = { ...memory, own: 0, peer: 0 };
    this.refresh();
  }

  /** Resolves as soon as no new call can move a byte any more, whichever side closed. Never rejects. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = new Latch();
      this.#watch(this.#closed);
    }
    return this.#closed.promise;
  }

  abstract close(): void;

  /** As `close()`, but the other side gets an error: an `Error` with the name, the message and the code of this one. */
  closeWithError(error: unknown): void {
    const { side, ownClosed } = this.#pipe;
    if ((Atomics.load(this.words, STATE) & ownClosed) !== 0) return;
    writeError(this.words, side, error);
    close(this.words, side === "writer" ? FAILED : FAILED << READER_SHIFT, ownClosed);
    this.run(); // The calls of this end that wait fail now.
  }

  /** As `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Lets the process end although calls of this end wait. */
  unref(): void {
    this.#referenced = false;
    this.#keepAlive();
  }

  /** Takes {@link unref} back: calls that wait keep the process alive, as they do unless told otherwise. */
  ref(): void {
    this.#referenced = true;
    this.#keepAlive();
  }

  /** @internal */
  abort(call: Operation, reason: unknown): void {
    if (call.queue === undefined) return;
    this.#remove(call);
    call.fail(reason);
    this.run();
  }

  /** @internal */
  goOn(): void {} // No call of an end waits to be woken by another call.

  /** Whether in this state no new call could move a byte. */
  protected abstract isOver(state: number): boolean;
  /** Goes on with the first call, and settles it if it is over. */
  protected abstract attempt(call: Call): Outcome;
  /** What has to be there before it is worth waking this side: bytes free, or to read. */
  protected abstract need(): number;
  /** Settles those that stepped aside and are done. What it learns of the other side, {@link work} has to see after it. */
  protected workAside(): void {}

  /** Whether a call may go straight to the ring: only this thread has this side, nothing is closed, nobody waits. */
  protected get isFree(): boolean {
    return this.mutex === 0 && this.words[STATE] === 0 && this.calls.first === undefined;
  }

  /** Looks whether the other side moves, for so long, where that pays. It looks once in vain for one and the same move, not before each way to wait. */
  protected peerMoves(ms: number): boolean {
    const { peer } = this.half;
    if (ms === 0 || peer === this.#inVain) return false;
    if (this.#spin.until(this.words, this.#peerCounter, peer, ms)) return true;
    this.#inVain = peer;
    return false;
  }

  /** Runs `task` with the mutex where there is one, unless somebody has it or waits for it. */
  protected attemptLocked<T>(task: () => T, otherwise: T): T {
    if (this.calls.first !== undefined) return otherwise;
    if (this.mutex === 0) return task();
    if (!tryLock(this.words, this.mutex)) return otherwise;
    this.refresh();
    try {
      return task();
    } finally {
      unlock(this.words, this.mutex);
    }
  }

  /** Begins a call that waits by a promise; so many of its bytes were moved before. */
  protected start(
    kind: number,
    bytes: Uint8Array | undefined,
    length: number,
    moved: number,
    signal?: Abortable,
    progress?: Progress,
  ): Promise<unknown> {
    const call = new Operation(this, kind, this, bytes, length);
    call.listen(signal, progress);
    if (moved > 0) call.move(moved);
    this.calls.add(call);
    this.run();
    return call.promise;
  }

  /** Carries out a call, after those before it, while the thread stands still. */
  protected block(call: BlockingCall, timeoutMs: number): unknown {
    const deadline = platform.performance.now() + timeoutMs;
    this.calls.add(call);
    for (;;) {
      const word = this.work();
      if (call.queue === undefined) break;
      const leftMs = deadline - platform.performance.now();
      if (leftMs <= 0) {
        this.#remove(call);
        call.fail(timeoutError(call, timeoutMs));
        break;
      }
      if (word === TURN || this.#look(word, Math.min(BLOCKING_MS, leftMs))) continue;
      const value = this.#fallAsleep(word);
      if (value === 0) continue;
      // A wait by a promise on the same mutex would be woken instead of this one, and this thread could not hear of it.
      if (word === this.mutex && this.#asleep.has(word)) Atomics.notify(this.words, word);
      Atomics.wait(this.words, word, value, leftMs);
    }
    this.run(); // Those that wait by promises wait on, if they must.
    if (call.failure !== undefined) throw call.failure.reason;
    return call.value;
  }

  /** Goes on with the calls for as long as they need not wait. */
  protected run(): void {
    for (;;) {
      this.workAside();
      const word = this.work();
      const isAside = this.aside.first !== undefined;
      if (word === TURN) {
        void settled(undefined, 0).then(() => this.run());
      } else if (word !== NOTHING || isAside) {
        const bell = this.#pipe.bell;
        if (this.#look(word || bell, ASYNC_MS) || !this.#sleep(word || bell)) continue;
        if (isAside && word === this.mutex && !this.#sleep(bell)) continue;
      }
      this.#keepAlive();
      break;
    }
    tellProgress();
  }

  /** Does what can be done now. Returns the word to sleep on before there is more to do. */
  protected work(): number {
    for (;;) {
      const call = this.calls.first;
      if (call === undefined) {
        this.#unwant();
        return NOTHING;
      }
      if (!this.#lock()) return this.mutex;
      const outcome = this.attempt(call);
      if (outcome === WAITS) return this.#pipe.bell;
      if (outcome === MAKES_WAY) return TURN;
      if (outcome === STEPS_ASIDE) {
        this.#remove(call);
        this.aside.add(call as Operation);
        this.workAside();
      }
    }
  }

  /** Ends a call with a value, for which so many bytes count against the budget. It leaves the line first, and may join another. */
  protected settle(call: Call, value: unknown, bytes: number): typeof OVER {
    this.#remove(call);
    call.settle(value, bytes);
    return OVER;
  }

  /** Ends a call with an error. */
  protected fail(call: Call, reason: unknown): typeof OVER {
    this.#remove(call);
    call.fail(reason);
    return OVER;
  }

  /** Learns where the counters are: another thread may have moved this side's. */
  protected refresh(): void {
    this.half.own = Atomics.load(this.words, this.#ownCounter);
    this.half.peer = Atomics.load(this.words, this.#peerCounter);
  }

  /** A call is over, in whatever way. */
  protected onRemoved(_call: Call): void {}

  #remove(call: Call): void {
    const wasFirst = call === this.calls.first;
    call.queue?.remove(call);
    if (wasFirst && this.#locked) {
      this.#locked = false;
      unlock(this.words, this.mutex);
    }
    this.onRemoved(call);
  }

  #lock(): boolean {
    if (this.mutex === 0 || this.#locked) return true;
    // Who died with the mutex leaves it to nobody. Then this side has closed, and the calls fail without it and touch nothing.
    const { ownClosed, stops } = this.#pipe;
    if ((Atomics.load(this.words, STATE) & ownClosed & stops) !== 0) return true;
    if (!((!this.#wanted && tryLock(this.words, this.mutex)) || lockOrMark(this.words, this.mutex))) {
      this.#wanted = true;
      return false;
    }
    this.#wanted = false;
    this.#locked = true;
    this.refresh();
    return true;
  }

  /** Nobody here wants the mutex any more. Whoever wants it in another thread may have slept on because this one was woken. */
  #unwant(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    Atomics.notify(this.words, this.mutex);
  }

  /** Looks for news for a while, where that pays. Returns whether there are any. */
  #look(word: number, ms: number): boolean {
    return word === this.mutex ? this.#spin.until(this.words, word, WANTED, ms) : this.peerMoves(ms);
  }

  /** Gives notice of a sleep on `word`, and returns the value to sleep on; 0 where there are news and no sleep is due. */
  #fallAsleep(word: number): number {
    if (word === this.mutex) return WANTED;
    const value = announce(this.words, word, this.need());
    const stops = this.calls.first === undefined ? this.#pipe.asideStops : this.#pipe.stops;
    return hasNews(this.half, this.#peerCounter, stops) ? 0 : value;
  }

  /** Sleeps on `word` by a promise. Returns false where there are news instead. */
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
    const waits = this.#referenced && (this.calls.first !== undefined || this.aside.first !== undefined);
    if (waits) {
      this.#letDie ??= stayAlive();
    } else {
      this.#letDie?.();
      this.#letDie = undefined;
    }
  }

  #watch(latch: Latch): void {
    for (;;) {
      const state = Atomics.load(this.words, STATE);
      if (this.isOver(state)) return latch.open();
      if (sleepAsync(this.words, STATE, state, () => this.#watch(latch))) return;
    }
  }
}

function timeoutError({ kind, length, moved }: BlockingCall, timeoutMs: number): TimeoutError {
  const isWrite = kind === WRITE;
  const [what, reach] = isWrite ? ["write", "were accepted"] : ["read", "came"];
  return new TimeoutError(
    `Cannot ${what} ${length} bytes within ${timeoutMs} ms: ${moved} ${reach}`,
    isWrite ? { bytesWritten: moved } : { bytesRead: moved },
  );
}
