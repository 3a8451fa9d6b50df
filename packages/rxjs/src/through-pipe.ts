import type { OperatorFunction } from "rxjs";
import { fromObservable } from "./from-observable.ts";
import { type QueueOptions, queueRules } from "./queue-options.ts";
import { type ToObservableOptions, toObservable } from "./to-observable.ts";

/** Options of {@link throughPipe}. */
export interface ThroughPipeOptions extends QueueOptions, ToObservableOptions {}

/**
 * An operator that sends bytes or strings (as UTF-8) through a pipe, one for each subscription, and emits the bytes in
 * chunks of any length. It combines {@link fromObservable} and {@link toObservable}, with the options of both. Chunks
 * do not share memory with the source, and small ones are merged. The end, errors and unsubscribing pass through as in
 * any pipe.
 *
 * It has no backpressure. A source that emits a lot in one iteration of the event loop, such as a synchronous one,
 * fills the queue of `maxBytes`.
 *
 * @throws {TypeError} If an option is of the wrong type, or `overflow` is not one of its three values.
 * @throws {RangeError} If `maxBytes` is not an integer of at least 1.
 */
export function throughPipe(options?: ThroughPipeOptions): OperatorFunction<Uint8Array | string, Uint8Array> {
  const rules = queueRules(options);
  return (source) => toObservable(() => fromObservable(source, rules), options);
}
