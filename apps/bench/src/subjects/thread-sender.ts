import { closeSync, openSync, writeSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { attachWriter, type SharedHandle } from "@pipe512/core/shared";

/** A way to another thread. */
export type Way =
  | { readonly by: "shared pipe"; readonly handle: SharedHandle<"writer"> }
  | { readonly by: "fifo"; readonly path: string }
  | { readonly by: "messages"; readonly taken: Int32Array };

/** What the thread that writes is asked for: the same chunk so many times, by one of the ways. */
type Order = Way & { readonly chunk: Uint8Array; readonly count: number };

/** Bytes of messages on their way: without a bound of its own a sender by messages fills the memory. */
const WINDOW_BYTES = 262_144;

parentPort?.on("message", (order: Order) => {
  if (order.by === "shared pipe") throughPipe(order.handle, order);
  else if (order.by === "fifo") throughFifo(order.path, order);
  else byMessages(order.taken, order);
});

function throughPipe(handle: SharedHandle<"writer">, { chunk, count }: Order): void {
  const writer = attachWriter(handle);
  for (let left = count; left > 0; left--) writer.writeSync(chunk);
  writer.close();
}

function throughFifo(path: string, { chunk, count }: Order): void {
  const file = openSync(path, "w");
  for (let left = count; left > 0; left--) {
    for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
  }
  closeSync(file);
}

/** Copies, not transfers: at these sizes they are the faster. */
function byMessages(taken: Int32Array, { chunk, count }: Order): void {
  const ahead = Math.max(1, Math.floor(WINDOW_BYTES / chunk.length));
  for (let sent = 0; sent < count; sent++) {
    for (let seen = Atomics.load(taken, 0); sent - seen >= ahead; seen = Atomics.load(taken, 0)) {
      Atomics.wait(taken, 0, seen);
    }
    parentPort?.postMessage(chunk);
  }
  parentPort?.postMessage(null);
}
