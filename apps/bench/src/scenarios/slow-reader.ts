import type { Channel, Open } from "../subjects/channel.ts";
import { cut, type Load, RepeatedLoad } from "../subjects/load.ts";
import { stopwatch, turn } from "./platform.ts";
import { primitives } from "./primitives.ts";
import type { CostSample, Parameters, Scenario } from "./scenario.ts";

/** The cost of a slow reader: time, and the maximum of accepted and unread bytes at any of its pauses. */
export interface SlowReaderSample extends CostSample {
  readonly mostBytesHeld: number;
}

/** The number of steps between two readings of the clock. */
const BATCH_BYTES = 256 * 1024;

/** A writer at full speed, and a reader that does other work for one iteration of the event loop after each read. */
export class SlowReader implements Scenario<SlowReaderSample> {
  readonly #open: Open;
  readonly #chunks: readonly Uint8Array[];
  readonly #transfer: boolean;

  constructor(open: Open, file: Uint8Array, { chunkBytes = 512, transfer = false }: Parameters) {
    this.#open = open;
    this.#chunks = cut(file, chunkBytes, transfer);
    this.#transfer = transfer;
  }

  async warmUp(milliseconds: number): Promise<void> {
    await this.measure(milliseconds);
  }

  async measure(milliseconds: number): Promise<SlowReaderSample> {
    const count = Math.ceil(BATCH_BYTES / (this.#chunks[0]?.length ?? 1));
    const startedMs = performance.now();
    const elapsed = stopwatch();
    let mostBytesHeld = 0;
    let steps = 0;
    do {
      const load = new RepeatedLoad(this.#chunks, count, this.#transfer);
      mostBytesHeld = Math.max(mostBytesHeld, await this.#transferSlowly(load));
      steps += count;
    } while (performance.now() - startedMs < milliseconds);
    const elapsedNs = elapsed();
    return { cost: elapsedNs / steps, unit: "ns/chunk", steps, elapsedNs, mostBytesHeld };
  }

  async #transferSlowly(load: Load): Promise<number> {
    const channel: Channel = this.#open({ readBytes: 65_536 });
    const { read } = primitives(channel);
    const sending = channel.send(load);
    let mostBytesHeld = 0;
    while ((await read.call(channel)) !== null) {
      await turn();
      mostBytesHeld = Math.max(mostBytesHeld, channel.held());
    }
    await sending;
    return mostBytesHeld;
  }
}
