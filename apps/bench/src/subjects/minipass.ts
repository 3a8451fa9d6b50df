import { Minipass } from "minipass";
import type { Sink } from "./channel.ts";
import { NodeInlet } from "./inlets.ts";
import { joined, type Outlet } from "./joined.ts";

/** The stream that npm is made with. */
export const open = joined(() => {
  const stream = new Minipass();
  return { inlet: new NodeInlet(stream), outlet: new MinipassOutlet(stream) };
});

/**
 * Iterates, and offers no single reads: the stream says `drain` when the next chunk is asked for, so two sides that take
 * turns step by step would wait for each other for ever.
 */
class MinipassOutlet implements Outlet {
  readonly #stream: Minipass;
  // Changed by receive() only.
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
