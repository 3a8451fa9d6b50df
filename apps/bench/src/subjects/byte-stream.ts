import { PulledInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { WebOutlet } from "./outlets.ts";

/** The Web's own byte stream. Its source enqueues a copy when it is pulled, because enqueue() detaches the array. */
export const open = joined(() => {
  const inlet = new PulledInlet();
  const stream = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      let chunk = inlet.pull();
      while (chunk instanceof Promise) {
        await chunk;
        chunk = inlet.pull();
      }
      if (chunk === null) controller.close();
      else controller.enqueue(new Uint8Array(chunk));
    },
  });
  return { inlet, outlet: new WebOutlet(stream) };
});
