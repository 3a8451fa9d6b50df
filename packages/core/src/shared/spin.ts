import { platform, processors, relax } from "./platform.ts";

/*
 * Parking a thread and waking it takes about 50 µs, and the awaited change often comes sooner. So a side spins before it
 * parks. The credit limits spinning to cases where it succeeds: a success adds a little, and a failure removes much. Without
 * credit it almost stops spinning, for pauses of increasing length.
 */

const FULL_CREDIT = 16_384;
const FAILURE_COST = 256;
/** Credit after a pause. */
const NEW_CREDIT = 1024;
/**
 * The first and the longest pause, in waits. On one processor, 4,000 waits take about 25 ms, and the four failed spins
 * between two pauses 0.6 ms. When a second processor becomes free, spinning resumes within a fraction of a second.
 */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4000;
/** Number of loads, which take half a microsecond, before the first reading of the clock. */
const FIRST_LOOKS = 64;
/**
 * Number of loads between two readings of the clock, each followed by `Atomics.pause()`. During a pause these are the only
 * loads, without `Atomics.pause()`, which would take longer than they do.
 */
const LOOKS = 16;

/** The time that a blocking call spins before it parks, in milliseconds. Parking and waking take about a third of that. */
export const BLOCKING_MS = 0.15;
/** The same for a call that waits by a promise, which must not delay the event loop. */
export const ASYNC_MS = 0.02;

const PAYS: boolean = processors() > 1;

/** Decides for one side between spinning and parking. */
export class Spin {
  #credit = FULL_CREDIT;
  /** Number of waits until spinning is tried again. */
  #pause = 0;
  #nextPause = FIRST_PAUSE;

  /** Spins for up to `ms` until the word differs from `value`, if credit permits. Returns whether it differs. */
  until(words: Int32Array, index: number, value: number, ms: number): boolean {
    if (!PAYS) return false;
    if (this.#credit <= 0) {
      this.#pause -= 1;
      if (this.#pause > 0) return looked(words, index, value, LOOKS);
      this.#credit = NEW_CREDIT;
    }
    // First without the clock and `Atomics.pause()`, which would take longer than a very short wait.
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
