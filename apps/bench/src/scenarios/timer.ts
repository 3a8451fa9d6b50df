import type { Open } from "../subjects/channel.ts";
import type { Parameters, Scenario } from "./scenario.ts";
import { Transfer } from "./transfer.ts";

export interface TimerSample {
  /** How often a timer of 10 ms fired while the transfer ran. */
  readonly fired: number;
  /** Without the time in which the process waited for a processor. */
  readonly elapsedNs: number;
}

/**
 * A transfer beside a timer of 10 ms. A transfer that never yields to the event loop lets no timer fire. It runs for an
 * amount of CPU time, because on a busy machine a long time by the clock may contain little CPU time.
 */
export class Timer implements Scenario<TimerSample> {
  readonly #transfer: Transfer;

  constructor(open: Open, file: Uint8Array, parameters: Parameters) {
    this.#transfer = new Transfer(open, file, parameters);
  }

  warmUp(milliseconds: number): Promise<void> {
    return this.#transfer.warmUp(milliseconds);
  }

  /** Takes at least this long. A timer that did not fire in a shorter time proves nothing. */
  async measure(milliseconds: number): Promise<TimerSample> {
    for (let steps = this.#transfer.count(milliseconds); ; steps *= 2) {
      const sample = await this.#beside(steps);
      if (sample.elapsedNs >= milliseconds * 1e6) return sample;
    }
  }

  async #beside(steps: number): Promise<TimerSample> {
    let fired = 0;
    const timer = setInterval(() => {
      fired += 1;
    }, 10);
    try {
      const elapsedNs = await this.#transfer.run(steps);
      return { fired, elapsedNs };
    } finally {
      clearInterval(timer);
    }
  }
}
