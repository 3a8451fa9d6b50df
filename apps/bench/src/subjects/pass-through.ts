import { PassThrough, type Transform } from "node:stream";
import type { Channel, Open, Sink } from "./channel.ts";
import { copyingTransform } from "./copying-transform.ts";
import type { Load } from "./load.ts";

/** Node's own stream: write until `write()` returns false, wait for `drain`, and iterate over the other side. */
class PassThroughChannel implements Channel {
  readonly #stream: Transform;
  // Created by the first read().
  #iterator: AsyncIterator<unknown> | undefined;

  constructor(stream: Transform) {
    this.#stream = stream;
  }

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

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#stream.write(bytes)) await drained(this.#stream);
  }

  async read(): Promise<number | null> {
    this.#iterator ??= this.#stream[Symbol.asyncIterator]();
    const { done, value } = (await this.#iterator.next()) as IteratorResult<Buffer>;
    return done === true ? null : value.length;
  }

  end(): void {
    this.#stream.end();
  }

  cancel(): void {
    this.#stream.destroy();
  }
}

function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}

/** @param highWaterMark The number of bytes on either side. Default: that of Node. */
export function passThrough(highWaterMark?: number): Open {
  return () => new PassThroughChannel(new PassThrough(highWaterMark === undefined ? {} : { highWaterMark }));
}

/** The same with a copy of each chunk, so that a writer may reuse its array. */
export const copying: Open = () => new PassThroughChannel(copyingTransform());
