import { platform, processors, relax } from "./platform.ts";

/*
 * To sleep and be woken takes some 50 µs; what is waited for often comes sooner. So a side looks for a while before it
 * sleeps, but only as long as that pays: each success earns a little credit, each failure costs much of it, and without credit
 * hardly any looking is done, for ever longer.
 */

const FULL_CREDIT = 16_384;
const FAILURE_COST = 256;
/** Credit after a time without any. */
const NEW_CREDIT = 4096;
/** How many sleeps such a time lasts at first, and at most. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 32_000;
/** Looks between two looks at the clock; all there are without credit. */
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
      if (this.#pause > 0) return looked(words, index, value);
      this.#credit = NEW_CREDIT;
    }
    const end = platform.performance.now() + ms;
    do {
      if (looked(words, index, value)) {
        if (this.#credit < FULL_CREDIT) this.#credit += 1;
        else this.#nextPause = FIRST_PAUSE;
        return true;
      }
    } while (platform.performance.now() < end);
    this.#credit -= FAILURE_COST;
    if (this.#credit <= 0) {
      this.#pause = this.#nextPause;
      this.#nextPause = Math.min(2 * this.#nextPause, LONGEST_PAUSE);
    }
    return false;
  }
}

function looked(words: Int32Array, index: number, value: number): boolean {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    if (Atomics.load(words, index) !== value) return true;
    relax?.();
  }
  return false;
}
