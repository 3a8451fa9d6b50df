import type { OperatorFunction } from "rxjs";
import { fromObservable } from "./from-observable.ts";
import { type QueueOptions, queueRules } from "./queue-options.ts";
import { type ToObservableOptions, toObservable } from "./to-observable.ts";

/** Options of {@link throughPipe}. */
export interface ThroughPipeOptions extends QueueOptions, ToObservableOptions {}

/**
 * An operator that sends what comes, bytes or strings (as UTF-8), through a pipe of its own for each subscription, and emits the bytes that
 * come out, in chunks of any length. It is {@link fromObservable} and {@link toObservable} together, with the options of both:
 * chunks no longer share memory with the source, small ones are joined, and the end, an error and unsubscribing cross as they cross a pipe.
 *
 * It has no back-pressure, since neither side can be told to wait. A source that emits faster than turns of the event loop
 * come, such as a synchronous one, fills the queue of `maxBytes`.
 *
 * @throws {TypeError} If an option is of the wrong type, or `overflow` is none of the choices.
 * @throws {RangeError} If `maxBytes` is no integer of at least 1.
 */
export function throughPipe(options?: ThroughPipeOptions): OperatorFunction<Uint8Array | string, Uint8Array> {
  const rules = queueRules(options);
  return (source) => toObservable(() => fromObservable(source, rules), options);
}
