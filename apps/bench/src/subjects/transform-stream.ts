import { WebInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { WebOutlet } from "./outlets.ts";

type Bytes = TransformStream<Uint8Array, Uint8Array>;

/** The platform's own stream: an identity TransformStream. */
export const open = joined(() => ends(new TransformStream()));

/** A TransformStream that copies each chunk, so that a writer may reuse its array. */
export const openCopying = joined(() => ends(copyingTransformStream()));

export function copyingTransformStream(): Bytes {
  return new TransformStream({
    transform: (chunk, controller) => controller.enqueue(new Uint8Array(chunk)),
  });
}

function ends({ readable, writable }: Bytes): { inlet: WebInlet; outlet: WebOutlet } {
  return { inlet: new WebInlet(writable), outlet: new WebOutlet(readable) };
}
