import type { Open } from "../subjects/channel.ts";
import { Pace } from "./pace.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";

/** A byte to another thread and back, many times: the median of a round trip, or another quantile of it. */
export class Echo implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #quantile: number;
  readonly #pauseMs: number;
  readonly #pace = new Pace();

  constructor(open: Open, _file: Uint8Array, { quantile = 0.5, pauseMs = 0 }: Parameters) {
    this.#open = open;
    this.#quantile = quantile;
    this.#pauseMs = pauseMs;
  }

  async warmUp(milliseconds: number): Promise<void> {
    await this.#pace.warmUp(milliseconds, async (count) => {
      const startedMs = performance.now();
      await this.#run(count);
      return (performance.now() - startedMs) * 1e6;
    });
  }

  async measure(milliseconds: number): Promise<CostSample> {
    const steps = this.#pace.steps(milliseconds);
    const times = await this.#run(steps);
    return {
      cost: quantileOf(times, this.#quantile),
      unit: "ns/round trip",
      steps,
      elapsedNs: times.reduce((sum, time) => sum + time, 0),
    };
  }

  #run(count: number): Promise<Float64Array> {
    const channel = this.#open({ readBytes: 1 });
    if (channel.echo === undefined) throw new Error("It takes no part: no other thread answers");
    return channel.echo(count, this.#pauseMs);
  }
}

/** The quantile of some values. */
export function quantileOf(values: Float64Array, quantile: number): number {
  const sorted = values.toSorted();
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}
