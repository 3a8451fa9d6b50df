import { pushable } from "it-pushable";
import { FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** A pushable iterable with an unlimited queue. It makes no writer wait. */
export const open = joined(() => {
  const queue = pushable();
  const push = (chunk: Uint8Array): undefined => {
    queue.push(chunk);
  };
  return {
    inlet: new FunctionInlet(push, () => queue.end()),
    outlet: new IterableOutlet(queue, () => queue.return()),
  };
});
