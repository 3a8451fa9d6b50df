import { RingBuffer } from "ringbuf.js";
import type { Sink } from "../channel.ts";
import type { Load } from "../load.ts";
import type { FarSide } from "./order.ts";
import { ask, FromThread } from "./thread.ts";

const way = "ringbuf";
const CAPACITY = 512;

interface Ends {
  readonly ring: SharedArrayBuffer;
  /** The ring for the bytes that are sent back. */
  readonly back?: SharedArrayBuffer;
  /** Set to 1 when no more bytes will come, because the ring itself cannot signal an end. */
  readonly over: Int32Array;
}

/** A ring of as many bytes as that of pipe512. It cannot wait, so both sides retry until they succeed. */
export class Ringbuf extends FromThread {
  readonly #ring = storage();
  readonly #over = new Int32Array(new SharedArrayBuffer(4));

  async send(load: Load): Promise<void> {
    this.askToSend({ way, ends: { ring: this.#ring, over: this.#over } }, load);
  }

  async receive(sink: Sink): Promise<void> {
    const ring = bytesOf(this.#ring);
    const into = new Uint8Array(this.readBytes);
    await Promise.resolve(); // The request to the writer is sent now; afterwards this thread blocks.
    for (let last = false; ; ) {
      const length = ring.pop(into, into.length);
      if (length > 0) sink.take(into, length);
      else if (last) return;
      else last = Atomics.load(this.#over, 0) === 1; // Bytes pushed before the flag are now visible, so pop once more.
    }
  }

  async echo(count: number, pauseMs: number): Promise<Float64Array> {
    if (pauseMs > 0) throw new Error("It takes no part: it never sleeps");
    const back = storage();
    ask({ way, task: "answer", ends: { ring: this.#ring, back, over: this.#over } });
    const [there, here] = [bytesOf(this.#ring), bytesOf(back)];
    const ball = Uint8Array.of(1);
    const times = new Float64Array(count);
    for (let turn = 0; turn < count; turn++) {
      const started = performance.now();
      there.push(ball, 1);
      while (here.pop(ball, 1) === 0);
      times[turn] = (performance.now() - started) * 1e6;
    }
    Atomics.store(this.#over, 0, 1);
    return times;
  }
}

export const far: FarSide<Ends> = {
  send({ ring: buffer, over }, load) {
    const ring = bytesOf(buffer);
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      for (let at = 0; at < chunk.length; ) at += ring.push(chunk, chunk.length - at, at);
    }
    Atomics.store(over, 0, 1);
  },

  answer({ ring: buffer, back, over }) {
    const [here, there] = [bytesOf(buffer), bytesOf(back as SharedArrayBuffer)];
    const ball = new Uint8Array(1);
    while (Atomics.load(over, 0) === 0) if (here.pop(ball, 1) === 1) there.push(ball, 1);
  },
};

function storage(): SharedArrayBuffer {
  return RingBuffer.getStorageForCapacity(CAPACITY, Uint8Array);
}

function bytesOf(buffer: SharedArrayBuffer): RingBuffer {
  return new RingBuffer(buffer, Uint8Array);
}
