import { platform, processors, relax } from "./platform.ts";

/*
 * To sleep and be woken takes some 50 µs; what is waited for often comes sooner. So a side looks for a while before it
 * sleeps, but only as long as that pays: each success earns a little credit, each failure costs much of it, and without credit
 * hardly any looking is done, for ever longer.
 */

const FULL_CREDIT = 16_384;
const FAILURE_COST = 256;
/** Credit after a time without any. */
const NEW_CREDIT = 1024;
/**
 * How many sleeps such a time lasts at first, and at most. On one processor, 4,000 sleeps take some 25 ms and the four failures in between
 * 0.6 ms; and once a busy machine has two processors free again, the threads find out within a fraction of a second.
 */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4000;
/** Looks, half a microsecond of them, before the clock is asked for the first time. */
const FIRST_LOOKS = 64;
/**
 * Looks between two looks at the clock, where the processor is told each time that this thread spins. Without credit they are all there are, and it
 * is not told: `Atomics.pause()` takes longer than they do.
 */
const LOOKS = 16;

/** How long a thread that blocks looks before it sleeps, in milliseconds. A sleep and a wake-up take about a third of that. */
export const BLOCKING_MS = 0.15;
/** The same for a thread whose event loop goes on meanwhile. */
export const ASYNC_MS = 0.02;

const PAYS: boolean = processors() > 1;

/** When to look and when to sleep, for one side. */
export class Spin {
  #credit = FULL_CREDIT;
  /** Sleeps left until looking is tried again. */
  #pause = 0;
  #nextPause = FIRST_PAUSE;

  /** Looks at a word until it differs from `value`, as long as that pays. Returns whether it came to differ. */
  until(words: Int32Array, index: number, value: number, ms: number): boolean {
    if (!PAYS) return false;
    if (this.#credit <= 0) {
      this.#pause -= 1;
      if (this.#pause > 0) return looked(words, index, value, LOOKS);
      this.#credit = NEW_CREDIT;
    }
    // What comes at once comes before the clock was asked, or even the processor told: that would be most of the wait.
    let found = looked(words, index, value, FIRST_LOOKS);
    if (!found) {
      const end = platform.performance.now() + ms;
      do found = looked(words, index, value, LOOKS, relax);
      while (!found && platform.performance.now() < end);
    }
    if (found) {
      if (this.#credit < FULL_CREDIT) this.#credit += 1;
      else this.#nextPause = FIRST_PAUSE;
      return true;
    }
    this.#credit -= FAILURE_COST;
    if (this.#credit <= 0) {
      this.#pause = this.#nextPause;
      this.#nextPause = Math.min(2 * this.#nextPause, LONGEST_PAUSE);
    }
    return false;
  }
}

function looked(words: Int32Array, index: number, value: number, looks: number, pause?: () => void): boolean {
  for (let left = looks; left > 0; left -= 1) {
    if (Atomics.load(words, index) !== value) return true;
    pause?.();
  }
  return false;
}
