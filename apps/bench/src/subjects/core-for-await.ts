import { pipe } from "@pipe512/core";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The reader iterates over chunks that it owns. The writer writes until it has to wait, as stream writers do. */
class CoreForAwait implements Channel {
  readonly #pipe = pipe();

  send(load: Load): Promise<void> {
    return load.transfer ? this.#give(load) : this.#copy(load);
  }

  async #copy(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      const accepted = writer.tryWrite(chunk);
      if (accepted < chunk.length) await writer.write(accepted === 0 ? chunk : chunk.subarray(accepted));
    }
    writer.close();
  }

  /** Without tryWrite, which would accept a part of an array that is larger than the ring. Only a whole array can be transferred. */
  async #give(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    const options = { transfer: true };
    for (let left = load.count; left > 0; left--) await writer.write(load.next(), options);
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    for await (const chunk of this.#pipe.reader) sink.take(chunk, chunk.length);
  }

  held(): number {
    return this.#pipe.writer.bytesWritten - this.#pipe.reader.bytesRead;
  }

  cancel(): void {
    this.#pipe.reader.close();
  }
}

export const open: Open = () => new CoreForAwait();
