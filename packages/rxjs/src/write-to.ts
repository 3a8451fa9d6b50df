import type { Writer } from "@pipe512/core";
import { requireWriter } from "@pipe512/core/adapter";
import { Observable, type OperatorFunction } from "rxjs";
import { createOutbox, type Outbox } from "./outbox.ts";
import { type QueueOptions, queueRules } from "./queue-options.ts";
import { subscribeFor } from "./subscription.ts";

declare const DOMException: new (message: string, name: string) => Error;

/**
 * An operator that writes what comes, bytes or strings (as UTF-8), to `writer`, which it takes over. It emits the bytes
 * accepted so far after each value. When all is written it closes the writer, and completes; where the writer has `finish()`, once its sink has
 * finished.
 *
 * An Observable cannot be told to wait. What the writer does not accept at once is copied into a queue of at most
 * `maxBytes`, by whole values, and `overflow` decides what becomes of values beyond it. Where the source can wait, use
 * {@link readEach}: `readEach(source, (item) => writer.write(item))` queues nothing.
 *
 * The source's error closes the writer with it, after the bytes queued before. Where the reader closes, the source is
 * unsubscribed from at once, also while it is idle, and the operator errs with what a write would be rejected with. Unsubscribing closes
 * the writer with an `AbortError`.
 *
 * @throws {TypeError} If `writer` is not a `Writer`, an option is of the wrong type, or `overflow` is none of the choices.
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
 * Ends `outbox` as soon as a write would fail. It is held weakly, and by a function of its own: it holds the writing end,
 * and the pipe is to find that end lost when the source is garbage-collected.
 */
function watch(writer: Writer, outbox: Outbox): void {
  const weak = new WeakRef(outbox);
  void writer.closed?.then(() => weak.deref()?.refuse());
}
