import { PulledInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { WebOutlet } from "./outlets.ts";

/** The floor of Web Streams: a ReadableStream that pulls its source, without a pipe in between. */
export const open = joined(() => {
  const inlet = new PulledInlet();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = inlet.pull();
      // The stream calls it again when the promise fulfils, because nothing was enqueued.
      if (chunk instanceof Promise) return chunk.then(() => enqueue(controller, inlet.pull()));
      return enqueue(controller, chunk);
    },
  });
  return { inlet, outlet: new WebOutlet(stream) };
});

function enqueue(
  controller: ReadableStreamDefaultController<Uint8Array>,
  chunk: Uint8Array | null | Promise<void>,
): void {
  if (chunk === null) controller.close();
  else if (!(chunk instanceof Promise)) controller.enqueue(chunk);
}
