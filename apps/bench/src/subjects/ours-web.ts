import { pipe } from "@pipe512/core";
import { pipeStream, toReadableStream } from "@pipe512/web";
import type { Open } from "./channel.ts";
import { CoreInlet, WebInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { ByobOutlet, WebOutlet } from "./outlets.ts";

/** A pair of streams, written and read as a TransformStream is. */
export const stream = (transfer: boolean): Open =>
  joined(() => {
    const { readable, writable } = pipeStream({ byob: false, transfer });
    return { inlet: new WebInlet(writable), outlet: new WebOutlet(readable) };
  });

/** A writer of the pipe on one side, a Web stream on the other. */
export const readableStream: Open = joined(() => {
  const { reader, writer } = pipe();
  const readable = toReadableStream(reader, { byob: false });
  return { inlet: new CoreInlet(writer), outlet: new WebOutlet(readable) };
});

/** The same as a byte stream, whose consumer provides its array. */
export const byob: Open = joined((readBytes) => {
  const { reader, writer } = pipe();
  return { inlet: new CoreInlet(writer), outlet: new ByobOutlet(toReadableStream(reader), readBytes) };
});
