import { Minipass } from "minipass";
import type { Sink } from "./channel.ts";
import { NodeInlet } from "./inlets.ts";
import { joined, type Outlet } from "./joined.ts";

/** The stream of npm itself. */
export const open = joined(() => {
  const stream = new Minipass();
  return { inlet: new NodeInlet(stream), outlet: new MinipassOutlet(stream) };
});

/**
 * It iterates and offers no single reads: the stream emits `drain` when the next chunk is pulled, so two sides that take
 * turns step by step would wait for each other forever.
 */
class MinipassOutlet implements Outlet {
  readonly #stream: Minipass;
  // Only receive() changes these.
  bytes = 0;

  constructor(stream: Minipass) {
    this.#stream = stream;
  }

  async receive(sink: Sink): Promise<void> {
    for await (const chunk of this.#stream) {
      this.bytes += chunk.length;
      sink.take(chunk, chunk.length);
    }
  }

  cancel(): unknown {
    return this.#stream.destroy();
  }
}
