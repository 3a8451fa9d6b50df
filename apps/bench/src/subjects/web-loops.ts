import { pipeStream } from "@pipe512/web";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** A write loop and a read loop over the two sides of a pipe, as over those of a TransformStream. */
class PipeStreamChannel implements Channel {
  readonly #stream: ReturnType<typeof pipeStream>;
  // Changed by send() and receive().
  #bytesHeld = 0;

  constructor(transfer: boolean) {
    this.#stream = pipeStream({ byob: false, transfer });
  }

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

/** @param transfer Whether the writes transfer ownership of their arrays. */
export const webLoops =
  (transfer: boolean): Open =>
  () =>
    new PipeStreamChannel(transfer);
