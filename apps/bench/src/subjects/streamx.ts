import { PassThrough } from "streamx";
import { NodeInlet, type WritesLikeNode } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

interface Destroyable {
  destroy(): void;
}

/** Streams as Node's should have been, says its author; default highWaterMark. */
export const open = joined(() => {
  // Its types want an argument for end() and know of no bytes.
  const stream = new PassThrough() as unknown as WritesLikeNode & AsyncIterable<Uint8Array> & Destroyable;
  return { inlet: new NodeInlet(stream), outlet: new IterableOutlet(stream, () => stream.destroy()) };
});
