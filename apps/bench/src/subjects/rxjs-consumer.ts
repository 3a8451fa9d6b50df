import { type PipeReader, pipe } from "@pipe512/core";
import { lastValueFrom, type Observable } from "rxjs";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** Makes an observable over a reader that passes each chunk to a step of the consumer. */
type Consumption = (reader: PipeReader, step: (chunk: Uint8Array) => Promise<void>) => Observable<unknown>;

/** A writer that awaits every write, and an asynchronous consumer that subscribes to the chunks of the reader. */
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
