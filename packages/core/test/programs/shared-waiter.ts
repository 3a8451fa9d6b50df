import { parentPort } from "node:worker_threads";
import { SharedCondition, SharedMutex, type SharedPlace } from "@pipe512/core/shared";

// A thread of shared-locks.ts. For each message it waits for a mutex, or at a condition, in one of several ways, and counts each completed wait.

export interface Order {
  readonly mutex: SharedPlace;
  readonly changed: SharedPlace;
  /**
   * Words: the number of calls that wait at the mutex, or of threads that wait at the condition; of notified calls; and of threads inside. The words after them
   * count completed calls.
   */
  readonly cell: SharedArrayBuffer;
  /** The word that counts the completed calls. */
  readonly through: number;
  readonly at: "mutex" | "condition";
  /** The number of calls that wait by promises. If `blocks` is true, one blocking call follows. */
  readonly promises: number;
  readonly blocks: boolean;
}

const [WAITING, NOTIFIED, INSIDE] = [0, 1, 2];

parentPort?.on("message", (order: Order) => void carryOut(order));

async function carryOut(order: Order): Promise<void> {
  const words = new Int32Array(order.cell);
  const { mutex, changed, at } = order;
  let joined = 0;
  const inside = (): void => {
    if (Atomics.add(words, INSIDE, 1) !== 0) throw new Error("Two threads hold the mutex");
    Atomics.sub(words, INSIDE, 1);
  };
  const viaPromise = async (): Promise<void> => {
    if (at === "mutex") Atomics.add(words, WAITING, 1);
    const token = await SharedMutex.lockAsync(mutex);
    if (at === "condition") {
      const notified = SharedCondition.waitAsync(changed, token);
      joined += 1;
      if (joined === order.promises && !order.blocks) Atomics.add(words, WAITING, 1);
      await notified;
      Atomics.add(words, NOTIFIED, 1);
    }
    inside();
    token.unlock();
    Atomics.add(words, order.through, 1);
  };
  for (let count = 0; count < order.promises; count += 1) void viaPromise();
  if (!order.blocks) return;
  await new Promise((resolve) => setImmediate(resolve)); // The promises are queued now.
  if (at === "mutex") Atomics.add(words, WAITING, 1);
  const token = SharedMutex.lock(mutex);
  if (at === "condition") {
    Atomics.add(words, WAITING, 1);
    SharedCondition.wait(changed, token);
    Atomics.add(words, NOTIFIED, 1);
  }
  inside();
  token.unlock();
  Atomics.add(words, order.through, 1);
}
parentPort?.postMessage("ready");
