import { concatMap, Subject } from "rxjs";
import { FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { ObservableOutlet } from "./outlets.ts";

/** A Subject cannot tell its source to wait: what concatMap has not got to, it keeps. */
export const open = joined(() => {
  const subject = new Subject<Uint8Array>();
  const next = (chunk: Uint8Array): undefined => subject.next(chunk) as undefined;
  return {
    inlet: new FunctionInlet(next, () => subject.complete()),
    outlet: new ObservableOutlet((step) => subject.pipe(concatMap(step))),
  };
});
