import { TransformStream } from "web-streams-polyfill";
import { WebInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { WebOutlet } from "./outlets.ts";

/** The reference implementation of the standard, for platforms that have none. */
export const open = joined(() => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // It declares its own types, but its streams behave as the standard requires.
  return {
    inlet: new WebInlet(writable),
    outlet: new WebOutlet(readable as unknown as ReadableStream<Uint8Array>),
  };
});
