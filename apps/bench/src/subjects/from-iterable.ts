import { concatMap, from } from "rxjs";
import { PulledInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { ObservableOutlet } from "./outlets.ts";

async function* chunks(inlet: PulledInlet): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const chunk = inlet.pull();
    if (chunk === null) return;
    if (chunk instanceof Promise) await chunk;
    else yield chunk;
  }
}

/** RxJS over an async iterable: from() pulls at full speed, also while the last step is busy. */
export const open = joined(() => {
  const inlet = new PulledInlet();
  return { inlet, outlet: new ObservableOutlet((step) => from(chunks(inlet)).pipe(concatMap(step))) };
});
