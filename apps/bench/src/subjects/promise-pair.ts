import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** A yardstick for targets: the smallest possible hand-off with backpressure, one promise for either side. */
class PromisePair implements Channel {
  // Either a writer waits with its chunk, or a reader waits, or neither. Changed by #put() and #take().
  #chunk: Uint8Array | null = null;
  #writer: (() => void) | undefined;
  #reader: ((chunk: Uint8Array | null) => void) | undefined;

  async send(load: Load): Promise<void> {
    for (let left = load.count; left > 0; left--) await this.#put(load.next());
    await this.#put(null);
  }

  async receive(sink: Sink): Promise<void> {
    for (;;) {
      const chunk = await this.#take();
      if (chunk === null) return;
      sink.take(chunk, chunk.length);
    }
  }

  held(): number {
    return this.#chunk?.length ?? 0;
  }

  #put(chunk: Uint8Array | null): Promise<void> {
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader(chunk);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#chunk = chunk;
      this.#writer = resolve;
    });
  }

  #take(): Promise<Uint8Array | null> {
    const writer = this.#writer;
    if (writer !== undefined) {
      this.#writer = undefined;
      writer();
      return Promise.resolve(this.#chunk);
    }
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }
}

export const open: Open = () => new PromisePair();
