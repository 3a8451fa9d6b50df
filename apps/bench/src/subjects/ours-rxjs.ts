import { pipe } from "@pipe512/core";
import { readEach, throughPipe } from "@pipe512/rxjs";
import { concatMap, Subject } from "rxjs";
import type { Open } from "./channel.ts";
import { CoreInlet, FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { ObservableOutlet } from "./outlets.ts";

/** Of a source that cannot be told to wait: whatever a scenario sends. Users get an error at the default, long before. */
const QUEUE_BYTES = 2 ** 31;

/** A writer of the pipe on one side; on the other each chunk waits until the last step is done with the one before. */
export const each: Open = joined(() => {
  const { reader, writer } = pipe();
  return { inlet: new CoreInlet(writer), outlet: new ObservableOutlet((step) => readEach(reader, step)) };
});

/** An operator between a Subject, which nothing can tell to wait, and the last step. */
export const operator: Open = joined(() => {
  const subject = new Subject<Uint8Array>();
  const next = (chunk: Uint8Array): undefined => subject.next(chunk) as undefined;
  return {
    inlet: new FunctionInlet(next, () => subject.complete()),
    outlet: new ObservableOutlet((step) =>
      subject.pipe(throughPipe({ maxBytes: QUEUE_BYTES }), concatMap(step)),
    ),
  };
});
