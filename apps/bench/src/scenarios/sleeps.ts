import type { Open } from "../subjects/channel.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";
import { Transfer } from "./transfer.ts";

const QUARTER_MIB = 262_144;

/**
 * A transfer, and how often a thread of the process parked in it, by the kernel's count: its voluntary context switches,
 * those of the engine's own threads included.
 */
export class Sleeps implements Scenario<CostSample> {
  readonly #transfer: Transfer;
  readonly #chunkBytes: number;

  constructor(open: Open, file: Uint8Array, parameters: Parameters) {
    this.#transfer = new Transfer(open, file, parameters);
    this.#chunkBytes = parameters.chunkBytes ?? 512;
  }

  warmUp(milliseconds: number): Promise<void> {
    return this.#transfer.warmUp(milliseconds);
  }

  async measure(milliseconds: number): Promise<CostSample> {
    const before = process.resourceUsage().voluntaryContextSwitches;
    const { steps, elapsedNs } = await this.#transfer.measure(milliseconds);
    const sleeps = process.resourceUsage().voluntaryContextSwitches - before;
    const cost = (sleeps * QUARTER_MIB) / (steps * this.#chunkBytes);
    return { cost, unit: "sleeps/256 KiB", steps, elapsedNs };
  }
}
