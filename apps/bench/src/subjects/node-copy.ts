import type { Transform } from "node:stream";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";
import { copyingTransform } from "./node-pipeline.ts";

/** A Transform that copies each chunk, used as PassThrough is: what it takes to let a writer reuse its array. */
class Copy implements Channel {
  readonly #stream: Transform = copyingTransform();

  async send(load: Load): Promise<void> {
    const stream = this.#stream;
    for (let left = load.count; left > 0; left--) {
      if (!stream.write(load.next())) await drained(stream);
    }
    stream.end();
  }

  async receive(sink: Sink): Promise<void> {
    for await (const chunk of this.#stream) sink.take(chunk as Buffer, (chunk as Buffer).length);
  }

  held(): number {
    return this.#stream.writableLength + this.#stream.readableLength;
  }
}

function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}

export const open: Open = () => new Copy();
