import { pipe } from "@pipe512/core";
import { readEach, throughPipe } from "@pipe512/rxjs";
import { concatMap, Subject } from "rxjs";
import type { Open } from "./channel.ts";
import { CoreInlet, FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { ObservableOutlet } from "./outlets.ts";

/** A limit for a source that cannot wait, above what any scenario sends. With the default limit, users get an error long before. */
const QUEUE_BYTES = 2 ** 31;

/** A writer of the pipe on one side. On the other side, each chunk waits until the last step has finished with the one before. */
export const each: Open = joined(() => {
  const { reader, writer } = pipe();
  return { inlet: new CoreInlet(writer), outlet: new ObservableOutlet((step) => readEach(reader, step)) };
});

/** An operator between a Subject, which cannot wait, and the last step. */
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
