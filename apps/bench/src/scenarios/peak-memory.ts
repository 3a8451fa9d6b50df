import type { Open } from "../subjects/channel.ts";
import { cut, RepeatedLoad } from "../subjects/load.ts";
import { usedMemory } from "./platform.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";
import { Tally } from "./tally.ts";

const MIB = 1024 * 1024;

/** One transfer, and its maximum memory, measured after a collection at each MiB received. */
export class PeakMemory implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #chunks: readonly Uint8Array[];
  readonly #totalBytes: number;

  constructor(open: Open, file: Uint8Array, { chunkBytes = 512, totalBytes = 16 * MIB }: Parameters) {
    this.#open = open;
    this.#chunks = cut(file, chunkBytes);
    this.#totalBytes = totalBytes;
  }

  async warmUp(): Promise<void> {
    await this.#peak(4 * MIB);
  }

  async measure(): Promise<CostSample> {
    const startedMs = performance.now();
    const cost = await this.#peak(this.#totalBytes);
    const elapsedNs = (performance.now() - startedMs) * 1e6;
    return { cost, unit: "bytes/pipe", steps: 1, elapsedNs };
  }

  async #peak(totalBytes: number): Promise<number> {
    const count = Math.ceil(totalBytes / (this.#chunks[0]?.length ?? 1));
    const channel = this.#open({ readBytes: 65_536 });
    const tally = new Tally();
    let peak = usedMemory();
    let nextLook = MIB;
    const receiving = channel.receive({
      take(bytes, length) {
        tally.take(bytes, length);
        if (tally.bytes < nextLook) return;
        nextLook += MIB;
        peak = Math.max(peak, usedMemory());
      },
    });
    await Promise.all([receiving, channel.send(new RepeatedLoad(this.#chunks, count))]);
    return peak;
  }
}
