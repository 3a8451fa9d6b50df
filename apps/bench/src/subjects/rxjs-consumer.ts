import { type PipeReader, pipe } from "@pipe512/core";
import { lastValueFrom, type Observable } from "rxjs";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** What becomes of the chunks of a reader: an observable that takes a step of its consumer for each. */
type Consumption = (reader: PipeReader, step: (chunk: Uint8Array) => Promise<void>) => Observable<unknown>;

/** A writer that awaits every write, and an asynchronous consumer that is subscribed to what the reader gives. */
class Consumer implements Channel {
  readonly #pipe = pipe();
  readonly #consumption: Consumption;
  #consumed = 0;

  constructor(consumption: Consumption) {
    this.#consumption = consumption;
  }

  async send(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    const options = { transfer: load.transfer };
    for (let left = load.count; left > 0; left--) await writer.write(load.next(), options);
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    const step = async (chunk: Uint8Array): Promise<void> => {
      sink.take(chunk, chunk.length);
      this.#consumed += chunk.length;
    };
    await lastValueFrom(this.#consumption(this.#pipe.reader, step), { defaultValue: undefined });
  }

  held(): number {
    return this.#pipe.writer.bytesWritten - this.#consumed;
  }
}

export const consumer =
  (consumption: Consumption): Open =>
  () =>
    new Consumer(consumption);
