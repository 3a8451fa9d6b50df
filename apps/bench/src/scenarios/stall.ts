import type { Channel, Open } from "../subjects/channel.ts";
import { cut, RepeatedLoad } from "../subjects/load.ts";
import { sleep } from "./platform.ts";
import type { Parameters, Scenario } from "./scenario.ts";

export interface StallSample {
  readonly accepted: readonly Acceptance[];
}

export interface Acceptance {
  readonly chunkBytes: number;
  /** Bytes that were accepted although no reader reads. */
  readonly acceptedBytes: number;
  /** Whether the writer was stopped at all. */
  readonly bounded: boolean;
}

/** The maximum that is offered to a reader that never reads. */
const OFFERED_BYTES = 64 * 1024 * 1024;

/** A writer that writes until it has to wait, and no reader: how much memory can that take? */
export class Stall implements Scenario<StallSample> {
  readonly #open: Open;
  readonly #file: Uint8Array;
  readonly #parameters: Parameters;
  /** Lost pipes would be noticed and fail. This scenario holds its reader, which only never reads. */
  readonly #stalled: Channel[] = [];

  constructor(open: Open, file: Uint8Array, parameters: Parameters) {
    this.#open = open;
    this.#file = file;
    this.#parameters = parameters;
  }

  async warmUp(): Promise<void> {}

  async measure(milliseconds: number): Promise<StallSample> {
    const accepted: Acceptance[] = [];
    for (const chunkBytes of this.#parameters.chunkSizesBytes ?? []) {
      accepted.push(await this.#offer(chunkBytes, milliseconds));
    }
    return { accepted };
  }

  async #offer(chunkBytes: number, milliseconds: number): Promise<Acceptance> {
    const chunks = cut(this.#file, chunkBytes).slice(0, 1);
    const channel = this.#open({ readBytes: 65_536 });
    this.#stalled.push(channel);
    let bounded = true;
    const sending = channel.send(new RepeatedLoad(chunks, OFFERED_BYTES / chunkBytes)).then(() => {
      bounded = false;
    });
    await Promise.race([sending, sleep(milliseconds)]);
    return { chunkBytes, acceptedBytes: channel.held(), bounded };
  }
}
