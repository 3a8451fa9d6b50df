import type { Readable } from "node:stream";
import { type PipeEnds, pipe } from "@pipe512/core";
import { toReadable } from "@pipe512/node";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** A writer on one side, `for await` over a Node stream on the other. */
class NodeReadable implements Channel {
  readonly #ends: PipeEnds = pipe();
  readonly #readable: Readable = toReadable(this.#ends.reader);

  /** The writer writes until it has to wait, as stream writers do. A transferred array is written whole. */
  async send(load: Load): Promise<void> {
    const { writer } = this.#ends;
    const options = { transfer: load.transfer };
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      const accepted = load.transfer ? 0 : writer.tryWrite(chunk);
      if (accepted < chunk.length) {
        await writer.write(accepted === 0 ? chunk : chunk.subarray(accepted), options);
      }
    }
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    for await (const chunk of this.#readable) sink.take(chunk as Buffer, (chunk as Buffer).length);
  }

  held(): number {
    return this.#ends.writer.bytesWritten - this.#ends.reader.bytesRead + this.#readable.readableLength;
  }
}

export const open: Open = () => new NodeReadable();
