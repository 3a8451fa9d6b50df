import { concatMap, Subject } from "rxjs";
import { FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { ObservableOutlet } from "./outlets.ts";

/** A Subject cannot make its source wait, so concatMap queues the chunks that it has not processed. */
export const open = joined(() => {
  const subject = new Subject<Uint8Array>();
  const next = (chunk: Uint8Array): undefined => subject.next(chunk) as undefined;
  return {
    inlet: new FunctionInlet(next, () => subject.complete()),
    outlet: new ObservableOutlet((step) => subject.pipe(concatMap(step))),
  };
});
