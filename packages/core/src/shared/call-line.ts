import type { Side } from "../errors.ts";
import type { Operation } from "../pipe/operation.ts";
import { Waiters } from "../sync/waiters.ts";
import type { Call } from "./call.ts";
import { STATE } from "./layout.ts";
import { lockOrMark, tryLock, unlock } from "./lock.ts";
import type { Memory } from "./memory.ts";
import type { Half } from "./protocol.ts";

/** Outcomes of an attempt to advance the first call. The call has settled. */
export const OVER = 0;
/** The call must wait for the other side. */
export const WAITS = 1;
/** The call can continue, but other code must run first. */
export const MAKES_WAY = 2;
/** The call leaves the line and waits outside it, so that the next call can continue. */
export const STEPS_ASIDE = 3;

export type Outcome = typeof OVER | typeof WAITS | typeof MAKES_WAY | typeof STEPS_ASIDE;

/** Returned by {@link CallLine.work} instead of a word: no call is in line. */
export const NOTHING = 0;
/** Returned by {@link CallLine.work} instead of a word: the first call can continue after other code has run. */
export const TURN = -1;

/** The constants in which the two sides differ. */
export interface SideOfPipe {
  readonly side: Side;
  /** The futex word of this side. */
  readonly bell: number;
  /** On a side of `"many"`, the word of the mutex that each call holds from its first byte to its last. Else 0. */
  readonly mutex: number;
  /** Bits of the state that mean that this side is closed. */
  readonly ownClosed: number;
  /** Bits of the state that fail the calls in line. */
  readonly stops: number;
  /** Bits of the state that fail the calls that have stepped aside. */
  readonly asideStops: number;
}

/**
 * The line of calls that this thread has issued on one side. The first one is in progress. On a side of `"many"` it holds the
 * mutex from its first byte to its last. All ends of the side in this thread share one line, so that a blocking call can
 * complete the calls before it.
 *
 * {@link work} advances the calls as far as possible without waiting, and returns the word to wait on.
 */
export abstract class CallLine {
  protected readonly words: Int32Array;
  protected readonly half: Half;
  protected readonly mutex: number;
  protected readonly pipe: SideOfPipe;
  /** Pending calls, in order. The first one is in progress. */
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

  /** Advances the first call, and settles it if it is done. */
  protected abstract attempt(call: Call): Outcome;
  /** Settles the calls that stepped aside and are done. It updates the known counter of the other side, so `work` must follow. */
  protected workAside(): void {}
  /** Loads the counters anew, because another thread may have advanced this side's counter. */
  protected abstract refresh(): void;

  /** Whether a call may access the ring directly: the side is for one thread, neither side is closed, no call is in line. */
  protected get isFree(): boolean {
    return this.mutex === 0 && this.words[STATE] === 0 && this.calls.first === undefined;
  }

  /** Advances the calls as far as possible. Returns the word to park on, or {@link NOTHING} or {@link TURN}. */
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

  /** Resolves a call and charges `bytes` bytes to the budget. The call leaves the line first, because it may join another queue. */
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

  /** Runs `task` with the mutex held, if there is one. Returns `otherwise` if it is locked or other calls are in line. */
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

  /** Called when a call has left the line, also if it steps aside. */
  protected onRemoved(_call: Call): void {}
  /** Called when a call is done, also if it failed. */
  protected onOver(_call: Call): void {}

  /** Removes a call from its line, and releases the mutex if the call held it. */
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
    // A thread that died with the mutex never unlocks it. This side is then closed, and calls fail without the mutex.
    const { ownClosed, stops } = this.pipe;
    if ((Atomics.load(this.words, STATE) & ownClosed & stops) !== 0) return true;
    if (!lockOrMark(this.words, this.mutex)) return false;
    this.#locked = true;
    this.refresh();
    return true;
  }
}
