import { WebInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { WebOutlet } from "./outlets.ts";

/** The Web's own: an identity TransformStream. */
export const open = joined(() => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  return { inlet: new WebInlet(writable), outlet: new WebOutlet(readable) };
});
