import type { Reader } from "@pipe512/core";
import type { Observable, ObservableInput, ObservedValueOf, Subscriber } from "rxjs";
import { observe } from "./iteration.ts";
import type { Source } from "./source.ts";
import { subscribeFor } from "./subscription.ts";

/**
 * **Back-pressure to the very last step**: reads an item, hands it to `project`, and reads the next one only when the inner
 * observable (or promise, or whatever else RxJS takes) of the last one has completed. What the inner ones emit is emitted.
 * It is `from(source).pipe(concatMap(project))` without the queue: `from()` pulls a source as fast as it goes,
 * and `concatMap` keeps all of it in memory.
 *
 * Over a pipe at most 512 bytes and one chunk are ahead of `project`. What else a source reads ahead is its own:
 * `lines(reader)` up to 64 KiB. Have `project` do everything that takes time; an operator that waits behind it
 * is not waited for.
 *
 * It reads as soon as it is subscribed to. Unsubscribing, or a `project` that fails, closes the reader at once, and calls the
 * `return()` of an iterator. The source's error is `error`, the same object.
 *
 * @param source A `Reader`, which it takes over and whose chunks of at most 65,536 bytes `project` owns; or any `AsyncIterable`. A reader, or an
 * iterator, can be consumed once: a second subscription gets an error, and the first goes on unharmed.
 * `defer(() => readEach(open(), project))` opens one for each subscription.
 * @throws {TypeError} If `source` is neither.
 *
 * @example
 * ```ts
 * readEach(lines(reader), (line) => database.insert(JSON.parse(line))).subscribe();
 * ```
 */
export function readEach<O extends ObservableInput<unknown>>(
  source: Reader,
  project: (chunk: Uint8Array, index: number) => O,
): Observable<ObservedValueOf<O>>;
export function readEach<T, O extends ObservableInput<unknown>>(
  source: AsyncIterable<T>,
  project: (item: T, index: number) => O,
): Observable<ObservedValueOf<O>>;
export function readEach<T>(
  source: Source<T>,
  project: (item: T, index: number) => ObservableInput<unknown>,
): Observable<unknown> {
  return observe(source, false, (subscriber, item, index) => emitted(subscriber, project(item, index)));
}

/** Emits what `inner` emits, and waits for its end. Where `subscriber` leaves, that never comes, and nothing holds what waits. */
function emitted(subscriber: Subscriber<unknown>, inner: ObservableInput<unknown>): Promise<void> {
  // The short way: no Observable is made of a promise.
  if (inner instanceof Promise) return inner.then((value) => subscriber.next(value));
  return new Promise((resolve, reject) => {
    const next = (value: unknown): void => subscriber.next(value);
    subscribeFor(subscriber, inner, { next, error: reject, complete: resolve });
  });
}
