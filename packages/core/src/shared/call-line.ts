import type { Side } from "../errors.ts";
import type { Operation } from "../pipe/operation.ts";
import { Waiters } from "../sync/waiters.ts";
import type { Call } from "./call.ts";
import { STATE } from "./layout.ts";
import { lockOrMark, tryLock, unlock } from "./lock.ts";
import type { Memory } from "./memory.ts";
import type { Half } from "./protocol.ts";

/** How the first call stands: it is settled, or it waits, or it makes way for the rest of the program. */
export const OVER = 0;
export const WAITS = 1;
export const MAKES_WAY = 2;
/** It goes on beside the others. */
export const STEPS_ASIDE = 3;

export type Outcome = typeof OVER | typeof WAITS | typeof MAKES_WAY | typeof STEPS_ASIDE;

/** Returned by {@link CallLine.work} instead of a word: nothing waits; or something does, only to let others have their turn. */
export const NOTHING = 0;
export const TURN = -1;

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
 * The calls of one end, in line. The first is in progress; where many threads have the side, it holds the mutex from its first byte to its last.
 *
 * {@link work} does what can be done now. It knows no waiting, and says what there is to wait for.
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
  /** Whether word was left that the mutex is wanted, so that an unlock may wake this end and nobody else. */
  #wanted = false;

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

  /** Whether a call may go straight to the ring: only this thread has this side, nothing is closed, nobody waits. */
  protected get isFree(): boolean {
    return this.mutex === 0 && this.words[STATE] === 0 && this.calls.first === undefined;
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
    call.settle(value, bytes);
    return OVER;
  }

  /** Ends a call with an error. */
  protected fail(call: Call, reason: unknown): typeof OVER {
    this.remove(call);
    call.fail(reason);
    return OVER;
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

  /** A call is over, in whatever way. */
  protected onRemoved(_call: Call): void {}

  /** Takes a call out of its line, and lets go of the mutex that was held for it. */
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
    // Who died with the mutex leaves it to nobody. Then this side has closed, and the calls fail without it and touch nothing.
    const { ownClosed, stops } = this.pipe;
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
}
