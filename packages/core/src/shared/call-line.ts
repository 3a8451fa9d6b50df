import type { Side } from "../errors.ts";
import type { Operation } from "../pipe/operation.ts";
import { Waiters } from "../sync/waiters.ts";
import type { Call } from "./call.ts";
import { STATE } from "./layout.ts";
import { lockOrMark, tryLock, unlock } from "./lock.ts";
import type { Memory } from "./memory.ts";
import type { Half } from "./protocol.ts";

/** How the first call stands: it is settled, or it waits, or it lets the rest of the program run. */
export const OVER = 0;
export const WAITS = 1;
export const MAKES_WAY = 2;
/** It goes on beside the others. */
export const STEPS_ASIDE = 3;

export type Outcome = typeof OVER | typeof WAITS | typeof MAKES_WAY | typeof STEPS_ASIDE;

/** Returned by {@link CallLine.work} instead of a word: nothing waits; or something does, only to let others have their turn. */
export const NOTHING = 0;
export const TURN = -1;

/** What one side has that differs from the other. */
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
 * The calls that this thread has issued on one side, in line. The first is in progress; where many threads have the side, it holds the mutex from its first
 * byte to its last. All ends of the side in this thread share one line, so that a call which blocks the thread can complete those before it.
 *
 * {@link work} does what can be done now. It never waits, and returns what there is to wait for.
 */
export abstract class CallLine {
  protected readonly words: Int32Array;
  protected readonly half: Half;
  protected readonly mutex: number;
  protected readonly pipe: SideOfPipe;
  /** Calls that are not over, in their order; the first is in progress. */
  protected readonly calls: Waiters<Call> = new Waiters();
  /** Calls that stepped aside. */
  protected readonly aside: Waiters<Operation> = new Waiters();
  /** Whether the mutex is held for the first call. */
  #locked = false;

  constructor(memory: Memory, pipe: SideOfPipe) {
    this.words = memory.words;
    this.half = { ...memory, own: 0, peer: 0 };
    this.mutex = pipe.mutex;
    this.pipe = pipe;
  }

  /** Goes on with the first call, and settles it if it is over. */
  protected abstract attempt(call: Call): Outcome;
  /** Settles those that stepped aside and are done. What it learns of the other side, {@link work} has to see after it. */
  protected workAside(): void {}
  /** Learns where the counters are: another thread may have moved this side's. */
  protected abstract refresh(): void;

  /** Whether a call may go straight to the ring: only this thread has this side, nothing is closed, no call waits. */
  protected get isFree(): boolean {
    return this.mutex === 0 && this.words[STATE] === 0 && this.calls.first === undefined;
  }

  /** Does what can be done now. Returns the word to sleep on before there is more to do. */
  protected work(): number {
    for (;;) {
      const call = this.calls.first;
      if (call === undefined) return NOTHING;
      if (!this.#lock()) return this.mutex;
      const outcome = this.attempt(call);
      if (outcome === WAITS) return this.pipe.bell;
      if (outcome === MAKES_WAY) return TURN;
      if (outcome === STEPS_ASIDE) {
        this.remove(call);
        this.aside.add(call as Operation);
        this.workAside();
      }
    }
  }

  /** Ends a call with a value, for which so many bytes count against the budget. It leaves the line first, and may join another. */
  protected settle(call: Call, value: unknown, bytes: number): typeof OVER {
    this.remove(call);
    this.onOver(call);
    call.settle(value, bytes);
    return OVER;
  }

  /** Ends a call with an error. */
  protected fail(call: Call, reason: unknown): typeof OVER {
    this.remove(call);
    this.onOver(call);
    call.fail(reason);
    return OVER;
  }

  /** Runs `task` with the mutex where there is one, unless it is locked or other calls are in line. */
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

  /** A call has left its line. It may have stepped aside. */
  protected onRemoved(_call: Call): void {}
  /** A call is over, in whatever way. */
  protected onOver(_call: Call): void {}

  /** Takes a call out of its line, and releases the mutex that was held for it. */
  protected remove(call: Call): void {
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
    // A thread that died with the mutex never unlocks it. Then this side has closed, and the calls fail without the mutex and move nothing.
    const { ownClosed, stops } = this.pipe;
    if ((Atomics.load(this.words, STATE) & ownClosed & stops) !== 0) return true;
    if (!lockOrMark(this.words, this.mutex)) return false;
    this.#locked = true;
    this.refresh();
    return true;
  }
}
