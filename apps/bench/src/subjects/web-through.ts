import { pipeStream } from "@pipe512/web";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";
import { copyingTransformStream } from "./transform-stream.ts";

interface Pair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** A source piped through a pair of streams: the engine writes, the reader reads. */
class ThroughChannel implements Channel {
  readonly #pair: Pair;
  // Changed by send() and receive().
  #bytesHeld = 0;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async send(load: Load): Promise<void> {
    let left = load.count;
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (left === 0) return controller.close();
        left--;
        const chunk = load.next();
        this.#bytesHeld += chunk.length;
        controller.enqueue(chunk);
      },
    });
    await source.pipeTo(this.#pair.writable);
  }

  async receive(sink: Sink): Promise<void> {
    const reader = this.#pair.readable.getReader();
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

/** @param transfer Whether the ownership of the chunks is transferred. */
export const throughPipeStream =
  (transfer: boolean): Open =>
  () =>
    new ThroughChannel(pipeStream({ byob: false, transfer }));

export const throughTransformStream: Open = () => new ThroughChannel(new TransformStream());

export const throughCopyingTransformStream: Open = () => new ThroughChannel(copyingTransformStream());
