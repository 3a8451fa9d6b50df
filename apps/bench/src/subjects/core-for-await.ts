import { pipe } from "@pipe512/core";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The reader iterates over chunks that it owns; the writer writes on until it is told to wait, as stream writers do. */
class CoreForAwait implements Channel {
  readonly #pipe = pipe();

  async send(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    const options = { transfer: load.transfer };
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      const accepted = writer.tryWrite(chunk, options);
      if (accepted < chunk.length) {
        await writer.write(accepted === 0 ? chunk : chunk.subarray(accepted), options);
      }
    }
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    for await (const chunk of this.#pipe.reader) sink.take(chunk, chunk.length);
  }

  held(): number {
    return this.#pipe.writer.bytesWritten - this.#pipe.reader.bytesRead;
  }
}

export const open: Open = () => new CoreForAwait();
