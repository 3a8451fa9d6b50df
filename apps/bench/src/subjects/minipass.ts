import { Minipass } from "minipass";
import { NodeInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** The stream that npm is made with. */
export const open = joined(() => {
  const stream = new Minipass();
  return { inlet: new NodeInlet(stream), outlet: new IterableOutlet(stream, () => stream.destroy()) };
});
