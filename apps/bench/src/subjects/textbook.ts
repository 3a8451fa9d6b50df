import { Condition, Mutex } from "@pipe512/core/sync";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

const CAPACITY = 512;

/**
 * The textbook version of the pipe, as in xv6: a ring, one lock that every call acquires by `await`, and two conditions,
 * byte by byte. It is a baseline and not a peer: it shows the cost of the real pipe's locks if every call acquired them.
 */
class TextbookPipe {
  readonly #ring = new Uint8Array(CAPACITY);
  readonly #mutex = new Mutex();
  readonly #notFull = new Condition();
  readonly #notEmpty = new Condition();
  // Changed only with the lock held: by write() and close() on one side, and by read() on the other.
  #bytesWritten = 0;
  #bytesRead = 0;
  #closed = false;

  get held(): number {
    return this.#bytesWritten - this.#bytesRead;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const guard = await this.#mutex.lock();
      while (this.held === CAPACITY) await this.#notFull.wait(guard);
      const end = Math.min(bytes.length, start + CAPACITY - this.held);
      for (; start < end; start++) this.#ring[this.#bytesWritten++ % CAPACITY] = bytes[start] as number;
      this.#notEmpty.notify();
      guard.unlock();
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    const guard = await this.#mutex.lock();
    while (this.held === 0 && !this.#closed) await this.#notEmpty.wait(guard);
    const length = Math.min(into.length, this.held);
    for (let at = 0; at < length; at++) into[at] = this.#ring[this.#bytesRead++ % CAPACITY] as number;
    this.#notFull.notify();
    guard.unlock();
    return length === 0 ? null : length;
  }

  async close(): Promise<void> {
    const guard = await this.#mutex.lock();
    this.#closed = true;
    this.#notEmpty.notifyAll();
    guard.unlock();
  }
}

class Textbook implements Channel {
  readonly #pipe = new TextbookPipe();
  readonly #readBytes: number;

  constructor(readBytes: number) {
    this.#readBytes = readBytes;
  }

  async send(load: Load): Promise<void> {
    for (let left = load.count; left > 0; left--) await this.#pipe.write(load.next());
    await this.#pipe.close();
  }

  async receive(sink: Sink): Promise<void> {
    const into = new Uint8Array(this.#readBytes);
    for (;;) {
      const length = await this.#pipe.read(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }

  held(): number {
    return this.#pipe.held;
  }
}

export const open: Open = ({ readBytes }) => new Textbook(readBytes);
