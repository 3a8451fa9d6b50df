/** A run says something of speed if it takes this part of the warm-up. */
const LONG_ENOUGH = 1 / 8;

/** What a warm-up may take beyond its time, until the cost of a step no longer falls: so many times its time, and no more than this. */
const MOST_EXTRA = 4;
const MOST_EXTRA_MS = 750;

/** A cost that falls by less than a twentieth over three runs is steady. */
const STEADY = 0.95;

/**
 * Turns milliseconds into a number of steps, once it has seen how long steps take.
 *
 * A warm-up ends by what it sees and not by the clock alone. An engine compiles a loop after so many steps, not after so much time:
 * after 240 ms the fastest implementations had long been compiled and the slowest had not, and their ratios were twice as large as
 * in a program that goes on.
 */
export class Pace {
  readonly #now: () => number;
  // Changed by warmUp() only.
  #stepsPerMs = 0;

  /** @param now A clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Repeats `run`, which resolves with its time in ns, for at least so long and until its cost is steady. */
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

  /** As many steps as fit into that time, at the speed that the warm-up came to. */
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
