import type { Sink } from "../subjects/channel.ts";

/** Counts arriving bytes and reads one byte in 4,096, so that a passed reference does not count as moved bytes. */
export class Tally implements Sink {
  bytes = 0;
  sum = 0;

  take(bytes: Uint8Array, length: number): void {
    for (let at = 0; at < length; at += 4096) this.sum += bytes[at] as number;
    this.bytes += length;
  }

  /** Throws unless exactly this many bytes have arrived. */
  expect(bytes: number): void {
    if (this.bytes !== bytes) throw new Error(`Delivered ${this.bytes} of ${bytes} bytes`);
  }
}
