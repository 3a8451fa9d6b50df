import { MessageChannel, type MessagePort } from "node:worker_threads";
import { sleep } from "../../scenarios/platform.ts";
import type { Sink } from "../channel.ts";
import type { Load } from "../load.ts";
import type { FarSide } from "./order.ts";
import { ask, FromThread } from "./thread.ts";

const way = "messages";

/** The bytes of messages on their way. Without its own limit, a sender of messages fills the memory. */
const WINDOW_BYTES = 262_144;

interface Ends {
  readonly port: MessagePort;
  /** The number of received messages. */
  readonly taken: Int32Array;
}

/** Copies by postMessage(), with a window, because messages themselves have no backpressure. */
export class Messages extends FromThread {
  readonly #ports = new MessageChannel();
  readonly #taken = new Int32Array(new SharedArrayBuffer(4));

  async send(load: Load): Promise<void> {
    this.askToSend({ way, ends: this.#ends }, load, [this.#ports.port2]);
  }

  receive(sink: Sink): Promise<void> {
    const { port1: port } = this.#ports;
    return new Promise((resolve) => {
      port.on("message", (chunk: Uint8Array | null) => {
        if (chunk === null) {
          port.close();
          resolve();
          return;
        }
        sink.take(chunk, chunk.length);
        Atomics.add(this.#taken, 0, 1);
        Atomics.notify(this.#taken, 0);
      });
    });
  }

  async echo(count: number, pauseMs: number): Promise<Float64Array> {
    const { port1: port, port2 } = this.#ports;
    ask({ way, task: "answer", ends: this.#ends }, [port2]);
    const ball = Uint8Array.of(1);
    const times = new Float64Array(count);
    let came = (): void => {};
    port.on("message", () => came());
    for (let turn = 0; turn < count; turn++) {
      if (pauseMs > 0) await sleep(pauseMs);
      const started = performance.now();
      await new Promise<void>((resolve) => {
        came = resolve;
        port.postMessage(ball);
      });
      times[turn] = (performance.now() - started) * 1e6;
    }
    port.close();
    return times;
  }

  get #ends(): Ends {
    return { port: this.#ports.port2, taken: this.#taken };
  }
}

export const far: FarSide<Ends> = {
  /** Copies, not transfers, because copies are faster at these sizes. */
  send({ port, taken }, load) {
    let ahead = 1;
    for (let sent = 0; sent < load.count; sent++) {
      for (let seen = Atomics.load(taken, 0); sent - seen >= ahead; seen = Atomics.load(taken, 0)) {
        Atomics.wait(taken, 0, seen);
      }
      const chunk = load.next();
      ahead = Math.max(1, Math.floor(WINDOW_BYTES / chunk.length));
      port.postMessage(chunk);
    }
    port.postMessage(null);
  },

  answer({ port }) {
    port.on("message", (ball: Uint8Array) => port.postMessage(ball));
  },
};
