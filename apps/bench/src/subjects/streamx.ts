import { PassThrough } from "streamx";
import { NodeInlet, type WritesLikeNode } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

interface Destroyable {
  destroy(): void;
}

/** The streams of the package streamx, with their default highWaterMark. */
export const open = joined(() => {
  // Its types require an argument for end(), and do not declare bytes.
  const stream = new PassThrough() as unknown as WritesLikeNode & AsyncIterable<Uint8Array> & Destroyable;
  return { inlet: new NodeInlet(stream), outlet: new IterableOutlet(stream, () => stream.destroy()) };
});
