import type { Open } from "../subjects/channel.ts";
import { Pace } from "./pace.ts";
import { primitives } from "./primitives.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";

const BYTE = Uint8Array.of(42);

/** From nothing to the first byte at the reader: a channel is made, its reader waits, its writer writes. */
export class FirstByte implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #pace = new Pace();

  constructor(open: Open, _file: Uint8Array, _parameters: Parameters) {
    this.#open = open;
  }

  warmUp(milliseconds: number): Promise<void> {
    return this.#pace.warmUp(milliseconds, (count) => this.#run(count));
  }

  async measure(milliseconds: number): Promise<CostSample> {
    const steps = this.#pace.steps(milliseconds);
    const elapsedNs = await this.#run(steps);
    return { cost: elapsedNs / steps, unit: "ns/first byte", steps, elapsedNs };
  }

  /** Resolves with the time until the bytes arrived, without closing. */
  async #run(count: number): Promise<number> {
    let elapsedMs = 0;
    for (let left = count; left > 0; left--) {
      const startedMs = performance.now();
      const channel = primitives(this.#open({ readBytes: 1 }));
      const reading = channel.read();
      const writing = channel.write(BYTE);
      const length = await reading;
      elapsedMs += performance.now() - startedMs;
      if (length !== 1) throw new Error(`The first byte came as ${length} bytes`);
      await writing;
      const ending = channel.end();
      if ((await channel.read()) !== null) throw new Error("The channel delivered more after its end");
      await ending;
    }
    return elapsedMs * 1e6;
  }
}
