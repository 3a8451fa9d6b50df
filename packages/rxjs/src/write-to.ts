import type { Writer } from "@pipe512/core";
import { requireWriter } from "@pipe512/core/adapter";
import { Observable, type OperatorFunction } from "rxjs";
import { createOutbox, type Outbox } from "./outbox.ts";
import { type QueueOptions, queueRules } from "./queue-options.ts";
import { subscribeFor } from "./subscription.ts";

declare const DOMException: new (message: string, name: string) => Error;

/**
 * An operator that writes bytes or strings (as UTF-8) to `writer`, of which it takes ownership. After each value it
 * emits the number of bytes accepted so far. At the end it closes the writer and completes. If the writer has
 * `finish()`, it completes once the sink has finished.
 *
 * An Observable has no backpressure. Values that the writer does not accept at once are copied whole into a queue of at
 * most `maxBytes`. `overflow` decides what happens to values that do not fit. For a source that supports backpressure,
 * use {@link readEach}: `readEach(source, (item) => writer.write(item))` queues nothing.
 *
 * If the source fails, the writer is closed with its error, after the bytes queued before it. If the reader closes, the
 * operator fails with the error of a rejected write. The source is then unsubscribed at once, even while it is idle.
 * Unsubscribing closes the writer with an `AbortError`.
 *
 * @throws {TypeError} If `writer` is not a `Writer`.
 * @throws {TypeError} If an option is of the wrong type, or `overflow` is not one of its three values.
 * @throws {RangeError} If `maxBytes` is not an integer, or less than 1.
 *
 * @example
 * ```ts
 * interval(1000).pipe(map((second) => `${second}\n`), take(60), writeTo(writer)).subscribe();
 * ```
 */
export function writeTo(
  writer: Writer,
  options?: QueueOptions,
): OperatorFunction<Uint8Array | string, number> {
  const rules = queueRules(options);
  requireWriter(writer);
  return (source) =>
    new Observable((subscriber) => {
      const outbox = createOutbox(writer, rules, subscriber);
      const message = "Cannot finish writeTo(): it was unsubscribed before its source had completed";
      subscriber.add(() => outbox.fail(new DOMException(message, "AbortError")));
      watch(writer, outbox);
      subscribeFor(subscriber, source, outbox);
    });
}

/**
 * Ends `outbox` as soon as a write would fail. The reference is weak because `outbox` holds the writing end: the pipe
 * must be able to detect that end as lost when the source is collected. It is a separate function so that the closure
 * captures nothing else.
 */
function watch(writer: Writer, outbox: Outbox): void {
  const weak = new WeakRef(outbox);
  void writer.closed?.then(() => weak.deref()?.refuse());
}
