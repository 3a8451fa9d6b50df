/** A run counts for the speed if it takes this part of the warm-up. */
const LONG_ENOUGH = 1 / 8;

/** How much longer than planned a warm-up may take until the cost of a step no longer falls: this factor, and at most this time. */
const MOST_EXTRA = 4;
const MOST_EXTRA_MS = 750;

/** A cost that falls by less than a twentieth over three runs is steady. */
const STEADY = 0.95;

/**
 * Converts milliseconds into a number of steps, after it has measured some steps.
 *
 * A warm-up ends when costs are steady, not by the clock alone. An engine compiles a loop after a number of steps, not
 * after a time. After 240 ms it had compiled the fastest implementations and not the slowest ones. Their ratios were twice
 * as large as in a program that keeps running.
 */
export class Pace {
  readonly #now: () => number;
  // Only warmUp() changes these.
  #stepsPerMs = 0;

  /** @param now A clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Repeats `run`, which resolves with its time in ns, for at least this time and until its cost is steady. */
  async warmUp(milliseconds: number, run: (steps: number) => Promise<number>): Promise<void> {
    const startedMs = this.#now();
    const mostMs = milliseconds + Math.min(MOST_EXTRA * milliseconds, MOST_EXTRA_MS);
    const costs: number[] = [];
    for (let steps = 64; ; ) {
      const elapsedNs = await run(steps);
      const isLong = elapsedNs >= milliseconds * 1e6 * LONG_ENOUGH;
      if (isLong) costs.push(elapsedNs / steps);
      const spentMs = this.#now() - startedMs;
      if (spentMs >= mostMs || (spentMs >= milliseconds && isSteady(costs))) {
        this.#stepsPerMs = 1e6 / Math.min(...lastThree(costs, elapsedNs / steps));
        return;
      }
      if (!isLong) steps *= 2;
    }
  }

  /** The number of steps for this time, at the speed after the warm-up. */
  steps(milliseconds: number): number {
    return Math.ceil(this.#stepsPerMs * milliseconds);
  }
}

/** Whether the last three costs are hardly lower than the three before. */
function isSteady(costs: readonly number[]): boolean {
  if (costs.length < 6) return false;
  return Math.min(...costs.slice(-3)) >= STEADY * Math.min(...costs.slice(-6, -3));
}

function lastThree(costs: readonly number[], otherwise: number): readonly number[] {
  return costs.length === 0 ? [otherwise] : costs.slice(-3);
}
