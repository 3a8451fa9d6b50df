import { duplexPair } from "node:stream";
import { NodeInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** Node's own pair, of which one direction is used. */
export const open = joined(() => {
  const [near, far] = duplexPair();
  return { inlet: new NodeInlet(near), outlet: new IterableOutlet(far, () => far.destroy()) };
});
