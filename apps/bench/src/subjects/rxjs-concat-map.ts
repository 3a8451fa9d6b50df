import { pipe } from "@pipe512/core";
import { concatMap, from, lastValueFrom } from "rxjs";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** What RxJS itself offers: from() takes all that comes, and concatMap keeps it until the consumer has time. */
class ConcatMap implements Channel {
  readonly #pipe = pipe();
  #consumed = 0;

  async send(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    const options = { transfer: load.transfer };
    for (let left = load.count; left > 0; left--) await writer.write(load.next(), options);
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    const consume = async (chunk: Uint8Array): Promise<void> => {
      sink.take(chunk, chunk.length);
      this.#consumed += chunk.length;
    };
    await lastValueFrom(from(this.#pipe.reader).pipe(concatMap(consume)), { defaultValue: undefined });
  }

  held(): number {
    return this.#pipe.writer.bytesWritten - this.#consumed;
  }
}

export const open: Open = () => new ConcatMap();
