import type { Open } from "../subjects/channel.ts";
import { FileLoad } from "../subjects/load.ts";
import type { Parameters, Scenario } from "./scenario.ts";

export interface WholeFileSample {
  readonly arrived: readonly Arrival[];
}

export interface Arrival {
  readonly chunkBytes: number;
  readonly bytes: number;
  /** The hash of the received bytes, in hexadecimal. */
  readonly sha256: string;
}

/** The file from its first byte to its last, once for each chunk size, hashed on arrival. */
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
    const arrived = new Uint8Array(this.#file.length);
    let bytes = 0;
    const channel = this.#open({ readBytes: 65_536 });
    const receiving = channel.receive({
      take(array, length) {
        if (bytes + length <= arrived.length) arrived.set(array.subarray(0, length), bytes);
        bytes += length;
      },
    });
    await Promise.all([receiving, channel.send(new FileLoad(this.#file, chunkBytes))]);
    if (bytes !== arrived.length) throw new Error(`Delivered ${bytes} of ${arrived.length} bytes`);
    return { chunkBytes, bytes, sha256: await sha256(arrived) };
  }
}

/** In hexadecimal. None of the hashes that every platform has takes its bytes piece by piece. */
async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
