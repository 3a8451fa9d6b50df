import { Readable } from "node:stream";
import { PulledInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** The floor of Node streams: a Readable that pulls its source, without a pipe in between. */
export const open = joined(() => {
  const inlet = new PulledInlet();
  const stream = new Readable({ read: () => void give() });
  async function give(): Promise<void> {
    let chunk = inlet.pull();
    while (chunk instanceof Promise) {
      await chunk;
      chunk = inlet.pull();
    }
    stream.push(chunk);
  }
  return { inlet, outlet: new IterableOutlet(stream, () => stream.destroy()) };
});
