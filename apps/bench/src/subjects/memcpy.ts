import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The floor: one copy a chunk from the sender's array to the receiver's, without a pipe and without waiting. */
class Memcpy implements Channel {
  // receive() sets it. Scenarios call that first.
  #sink: Sink | undefined;

  send(load: Load): Promise<void> {
    const sink = this.#sink;
    if (sink === undefined) throw new Error("There is no receiver: call receive() first");
    let into = new Uint8Array(0);
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      if (into.length < chunk.length) into = new Uint8Array(chunk.length);
      into.set(chunk);
      sink.take(into, chunk.length);
    }
    return Promise.resolve();
  }

  receive(sink: Sink): Promise<void> {
    this.#sink = sink;
    return Promise.resolve();
  }

  held(): number {
    return 0;
  }
}

export const open: Open = () => new Memcpy();
