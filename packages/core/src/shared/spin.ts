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
/** Looks between two looks at the clock, where the processor is told each time that this thread spins; all there are without credit. */
const LOOKS = 16;

/** How long a thread that blocks looks before it sleeps, in milliseconds. A sleep and a wake-up take about a third of that. */
export const BLOCKING_MS = 0.15;
/** The same for a thread whose event loop goes on meanwhile. */
export const ASYNC_MS = 0.02;

const PAYS: boolean = processors() > 1;

/** When to look and when to sleep, for one side. */
export class Spin {
  private credit = FULL_CREDIT;
  /** Sleeps left until looking is tried again. */
  private pause = 0;
  private nextPause = FIRST_PAUSE;

  /** Looks at a word until it differs from `value`, as long as that pays. Returns whether it came to differ. */
  until(words: Int32Array, index: number, value: number, ms: number): boolean {
    if (!PAYS) return false;
    if (this.credit <= 0) {
      this.pause -= 1;
      if (this.pause > 0) return looked(words, index, value);
      this.credit = NEW_CREDIT;
    }
    if (lookedAtOnce(words, index, value) || lookedFor(ms, words, index, value)) {
      if (this.credit < FULL_CREDIT) this.credit += 1;
      else this.nextPause = FIRST_PAUSE;
      return true;
    }
    this.credit -= FAILURE_COST;
    if (this.credit <= 0) {
      this.pause = this.nextPause;
      this.nextPause = Math.min(2 * this.nextPause, LONGEST_PAUSE);
    }
    return false;
  }
}

/** As a side that keeps up finds it, for whom asking the clock, or even telling the processor, would be most of the wait. */
function lookedAtOnce(words: Int32Array, index: number, value: number): boolean {
  for (let looks = 0; looks < FIRST_LOOKS; looks += 1) {
    if (Atomics.load(words, index) !== value) return true;
  }
  return false;
}

function lookedFor(ms: number, words: Int32Array, index: number, value: number): boolean {
  const end = platform.performance.now() + ms;
  do {
    if (looked(words, index, value)) return true;
  } while (platform.performance.now() < end);
  return false;
}

function looked(words: Int32Array, index: number, value: number): boolean {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    if (Atomics.load(words, index) !== value) return true;
    relax?.();
  }
  return false;
}
