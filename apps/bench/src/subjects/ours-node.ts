import { pipe } from "@pipe512/core";
import { pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import type { Open } from "./channel.ts";
import { CoreOutlet } from "./core-outlet.ts";
import { CoreInlet, NodeInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** One Duplex, written and read as a PassThrough is. */
export const duplex = (transfer: boolean): Open =>
  joined(() => {
    const stream = pipeDuplex({ transfer });
    return { inlet: new NodeInlet(stream), outlet: new IterableOutlet(stream, () => stream.destroy()) };
  });

/** A writer of the pipe on one side, a Node stream on the other. */
export const readable: Open = joined(() => {
  const { reader, writer } = pipe();
  const stream = toReadable(reader);
  return { inlet: new CoreInlet(writer), outlet: new IterableOutlet(stream, () => stream.destroy()) };
});

/** A Node stream on one side, a reader of the pipe on the other. */
export const writable = (transfer: boolean): Open =>
  joined((readBytes) => {
    const { reader, writer } = pipe();
    const stream = toWritable(writer, { transfer });
    // If the reader leaves, the stream emits an error. Code that waits for `drain` is notified by `close`.
    stream.on("error", () => {});
    return { inlet: new NodeInlet(stream), outlet: new CoreOutlet(reader, readBytes) };
  });
