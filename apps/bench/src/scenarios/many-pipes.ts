import type { Open } from "../subjects/channel.ts";
import { cut, RepeatedLoad } from "../subjects/load.ts";
import { stopwatch } from "./platform.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";
import { Tally } from "./tally.ts";

const PIPES = 10_000;
const BYTES_PER_PIPE = 65_536;

/**
 * 10,000 pipes with 64 KiB each, `pipesAtOnce` of them at the same time. The work does not depend on that number, so the
 * time per byte shows the cost of many pipes at once.
 */
export class ManyPipes implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #chunks: readonly Uint8Array[];
  readonly #pipesAtOnce: number;

  constructor(open: Open, file: Uint8Array, { chunkBytes = 64, pipesAtOnce = 1 }: Parameters) {
    this.#open = open;
    this.#chunks = cut(file, chunkBytes);
    this.#pipesAtOnce = pipesAtOnce;
  }

  async warmUp(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) await this.#group(Math.min(this.#pipesAtOnce, 100));
  }

  async measure(): Promise<CostSample> {
    const elapsed = stopwatch();
    for (let left = PIPES; left > 0; left -= this.#pipesAtOnce)
      await this.#group(Math.min(this.#pipesAtOnce, left));
    const elapsedNs = elapsed();
    const steps = PIPES * BYTES_PER_PIPE;
    return { cost: elapsedNs / steps, unit: "ns/byte", steps, elapsedNs };
  }

  async #group(pipes: number): Promise<void> {
    const transfers: Promise<void>[] = [];
    for (let made = 0; made < pipes; made++) transfers.push(this.#transfer());
    await Promise.all(transfers);
  }

  async #transfer(): Promise<void> {
    const chunkBytes = this.#chunks[0]?.length ?? 0;
    const load = new RepeatedLoad(this.#chunks, BYTES_PER_PIPE / chunkBytes);
    const tally = new Tally();
    const channel = this.#open({ readBytes: 512 });
    await Promise.all([channel.receive(tally), channel.send(load)]);
    tally.expect(BYTES_PER_PIPE);
  }
}
