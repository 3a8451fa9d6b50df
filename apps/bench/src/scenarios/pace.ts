/** Turns milliseconds into a number of steps, once it has seen how long steps take. */
export class Pace {
  // Changed by warmUp() only.
  #stepsPerMs = 0;

  /** Repeats `run`, which resolves with its time in ns, with ever more steps until the time is over. */
  async warmUp(milliseconds: number, run: (steps: number) => Promise<number>): Promise<void> {
    const end = performance.now() + milliseconds;
    for (let steps = 64; ; ) {
      const elapsedNs = await run(steps);
      this.#stepsPerMs = (steps / elapsedNs) * 1e6;
      if (performance.now() >= end) return;
      if (elapsedNs < (milliseconds * 1e6) / 4) steps *= 2;
    }
  }

  /** As many steps as the last run of the warm-up would have done in that time. */
  steps(milliseconds: number): number {
    return Math.ceil(this.#stepsPerMs * milliseconds);
  }
}
