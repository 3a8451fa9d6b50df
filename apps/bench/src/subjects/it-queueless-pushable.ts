import { queuelessPushable } from "it-queueless-pushable";
import { FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** The same without a queue: a push waits until the chunk was taken. */
export const open = joined(() => {
  const queue = queuelessPushable<Uint8Array>();
  return {
    inlet: new FunctionInlet(
      (chunk) => queue.push(chunk),
      () => queue.end(),
    ),
    outlet: new IterableOutlet(queue, () => queue.return()),
  };
});
