import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The Web's own: an identity TransformStream, its writer waiting for `ready` as the standard advises. */
class TransformStreamChannel implements Channel {
  readonly #stream = new TransformStream<Uint8Array, Uint8Array>();
  // Changed by send() and receive(): the stream itself counts chunks and no bytes.
  #bytesHeld = 0;

  async send(load: Load): Promise<void> {
    const writer = this.#stream.writable.getWriter();
    for (let left = load.count; left > 0; left--) {
      await writer.ready;
      const chunk = load.next();
      void writer.write(chunk);
      this.#bytesHeld += chunk.length;
    }
    await writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    const reader = this.#stream.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      sink.take(value, value.length);
      this.#bytesHeld -= value.length;
    }
  }

  held(): number {
    return this.#bytesHeld;
  }
}

export const open: Open = () => new TransformStreamChannel();
