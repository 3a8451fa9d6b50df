import type { ReadableStream as WebStream } from "node:stream/web";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Sink } from "../channel.ts";
import type { Load } from "../load.ts";
import type { FarSide } from "./order.ts";
import { FromThread } from "./thread.ts";

interface Ends {
  readonly port: MessagePort;
}

/** A ReadableStream that the other thread makes and posts to this one. */
export class PostedStream extends FromThread {
  readonly #ports = new MessageChannel();

  async send(load: Load): Promise<void> {
    const { port2: port } = this.#ports;
    this.askToSend({ way: "stream", ends: { port } }, load, [port]);
  }

  async receive(sink: Sink): Promise<void> {
    const { port1: port } = this.#ports;
    const stream = await new Promise<WebStream<Uint8Array>>((resolve) => {
      port.once("message", resolve);
    });
    const reader = stream.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read())
      sink.take(step.value, step.value.length);
    port.close();
  }
}

export const far: FarSide<Ends> = {
  send({ port }, load) {
    let left = load.count;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        left -= 1;
        controller.enqueue(load.next());
        if (left === 0) controller.close();
      },
    });
    port.postMessage(stream, [stream]);
  },
};
