import type { ChannelOptions, Open } from "../subjects/channel.ts";
import { cut, RepeatedLoad } from "../subjects/load.ts";
import { Pace } from "./pace.ts";
import { stopwatch } from "./platform.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";
import { Tally } from "./tally.ts";

/** The part of a measurement that runs before it without being measured, so that idle time before it has no effect. */
const RUN_UP = 0.2;

/** One writer and one reader, both at full speed: the cost of a chunk from one to the other. */
export class Transfer implements Scenario<CostSample> {
  readonly #open: Open;
  readonly #options: ChannelOptions;
  readonly #chunks: readonly Uint8Array[];
  readonly #transfer: boolean;
  readonly #totalBytes: number | undefined;
  readonly #wallClock: boolean | undefined;
  readonly #pace = new Pace();

  constructor(open: Open, file: Uint8Array, parameters: Parameters) {
    const { chunkBytes = 512, readBytes = 65_536, transfer = false } = parameters;
    this.#open = open;
    this.#options = { readBytes };
    this.#chunks = cut(file, chunkBytes, transfer);
    this.#transfer = transfer;
    this.#totalBytes = parameters.totalBytes;
    this.#wallClock = parameters.wallClock;
  }

  warmUp(milliseconds: number): Promise<void> {
    return this.#pace.warmUp(milliseconds, (count) => this.run(count));
  }

  async measure(milliseconds: number): Promise<CostSample> {
    const steps = this.count(milliseconds);
    await this.run(Math.ceil(this.#pace.steps(milliseconds) * RUN_UP));
    const elapsedNs = await this.run(steps);
    return { cost: elapsedNs / steps, unit: "ns/chunk", steps, elapsedNs };
  }

  count(milliseconds: number): number {
    if (this.#totalBytes === undefined) return this.#pace.steps(milliseconds);
    return Math.ceil(this.#totalBytes / this.#chunkBytes);
  }

  /** Sends `count` chunks and resolves with the time in ns, by {@link stopwatch}, from the first write until the reader has seen the end. */
  async run(count: number): Promise<number> {
    const load = new RepeatedLoad(this.#chunks, count, this.#transfer);
    const tally = new Tally();
    const elapsed = stopwatch(this.#wallClock);
    const channel = this.#open(this.#options);
    await Promise.all([channel.receive(tally), channel.send(load)]);
    const elapsedNs = elapsed();
    tally.expect(count * this.#chunkBytes);
    return elapsedNs;
  }

  get #chunkBytes(): number {
    return this.#chunks[0]?.length ?? 0;
  }
}
