import { parentPort, workerData } from "node:worker_threads";
import { cutSource, RepeatedLoad } from "../load.ts";
import type { FarSide, Order, WayName } from "./order.ts";
import { pretend } from "./processors.ts";

// The other thread. It carries out one order after another, each over the transport that it names.

const ways: Record<WayName, () => Promise<{ readonly far: FarSide<never> }>> = {
  "shared-pipe": () => import("./shared-pipe.ts"),
  messages: () => import("./messages.ts"),
  stream: () => import("./stream.ts"),
  ringbuf: () => import("./ringbuf.ts"),
  fifo: () => import("./fifo.ts"),
  "bare-wait": () => import("./bare-wait.ts"),
};

/** The transports that copy a whole buffer for a view of it. */
const NEED_OWN: readonly WayName[] = ["messages", "stream"];

let chunks: readonly Uint8Array[] = [];

if (workerData !== undefined && workerData !== null) pretend(workerData as number);

parentPort?.on("message", (order: Order) => void carryOut(order));

async function carryOut({ way, task, ends, source, count = 0, pauseMs = 0 }: Order): Promise<void> {
  const { far }: { readonly far: FarSide<never> } = await ways[way]();
  if (source !== undefined) chunks = cutSource(source, NEED_OWN.includes(way));
  if (task === "send") far.send(ends as never, new RepeatedLoad(chunks, count));
  else if (task === "sendLate") far.sendLate?.(ends as never, count, pauseMs);
  else far[task]?.(ends as never);
}
