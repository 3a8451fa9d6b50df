import type { Open } from "../subjects/channel.ts";
import { cut } from "../subjects/load.ts";
import { turn } from "./platform.ts";
import { primitives } from "./primitives.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";

/**
 * A reader that waits, and a writer that does other work for one iteration of the event loop before each chunk. Measures
 * the time from a write until its bytes arrive, as a consumer of events sees it. The writer's own time does not count.
 */
export class SlowWriter implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #chunk: Uint8Array;

  constructor(open: Open, file: Uint8Array, { chunkBytes = 64 }: Parameters) {
    this.#open = open;
    this.#chunk = cut(file, chunkBytes)[0] as Uint8Array;
  }

  async warmUp(milliseconds: number): Promise<void> {
    await this.measure(milliseconds);
  }

  async measure(milliseconds: number): Promise<CostSample> {
    const chunk = this.#chunk;
    const channel = primitives(this.#open({ readBytes: chunk.length }));
    const endMs = performance.now() + milliseconds;
    let elapsedMs = 0;
    let steps = 0;
    do {
      const reading = channel.read();
      await turn();
      const startedMs = performance.now();
      const writing = channel.write(chunk);
      const length = await reading;
      elapsedMs += performance.now() - startedMs;
      if (length !== chunk.length) throw new Error(`A chunk of ${chunk.length} bytes came as ${length}`);
      await writing;
      steps += 1;
    } while (performance.now() < endMs);
    const elapsedNs = elapsedMs * 1e6;
    return { cost: elapsedNs / steps, unit: "ns/arrival", steps, elapsedNs };
  }
}
