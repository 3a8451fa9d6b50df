import { createHash } from "node:crypto";
import type { Open } from "../subjects/channel.ts";
import { FileLoad } from "../subjects/load.ts";
import type { Parameters, Scenario } from "./scenario.ts";

export interface WholeFileSample {
  readonly arrived: readonly Arrival[];
}

export interface Arrival {
  readonly chunkBytes: number;
  readonly bytes: number;
  /** Of the bytes that came out, in hexadecimal. */
  readonly sha256: string;
}

/** The file from its first byte to its last, once for each chunk size, hashed where it arrives. */
export class WholeFile implements Scenario<WholeFileSample> {
  readonly #open: Open;
  readonly #file: Uint8Array;
  readonly #parameters: Parameters;

  constructor(open: Open, file: Uint8Array, parameters: Parameters) {
    this.#open = open;
    this.#file = file;
    this.#parameters = parameters;
  }

  async warmUp(): Promise<void> {}

  async measure(): Promise<WholeFileSample> {
    const arrived: Arrival[] = [];
    for (const chunkBytes of this.#parameters.chunkSizesBytes ?? [])
      arrived.push(await this.#send(chunkBytes));
    return { arrived };
  }

  async #send(chunkBytes: number): Promise<Arrival> {
    const hash = createHash("sha256");
    let bytes = 0;
    const channel = this.#open({ readBytes: 65_536 });
    const receiving = channel.receive({
      take(array, length) {
        hash.update(array.subarray(0, length));
        bytes += length;
      },
    });
    await Promise.all([receiving, channel.send(new FileLoad(this.#file, chunkBytes))]);
    return { chunkBytes, bytes, sha256: hash.digest("hex") };
  }
}
