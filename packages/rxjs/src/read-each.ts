import type { Reader } from "@pipe512/core";
import type { Observable, ObservableInput, ObservedValueOf, Subscriber } from "rxjs";
import { describe, requireInteger } from "@pipe512/core/adapter";
import { observe } from "./iteration.ts";
import type { Source } from "./source.ts";
import { subscribeFor } from "./subscription.ts";

/** Options of {@link readEach}. */
export interface ReadEachOptions {
  /**
   * How many inner observables may run at once, an integer of at least 1 or `Infinity`. While so many do, nothing is read. What they emit is
   * emitted as it comes.
   *
   * @default {1}
   */
  readonly concurrency?: number | undefined;
}

/**
 * **Backpressure end to end**: reads an item, hands it to `project`, and reads the next one only when the inner
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
 * @throws {TypeError} If `source` is neither, `project` is not a function, or `concurrency` is not a number.
 * @throws {RangeError} If `concurrency` is not an integer, or less than 1.
 *
 * @example
 * ```ts
 * readEach(lines(reader), (line) => database.insert(JSON.parse(line))).subscribe();
 * ```
 */
export function readEach<O extends ObservableInput<unknown>>(
  source: Reader,
  project: (chunk: Uint8Array, index: number) => O,
  options?: ReadEachOptions,
): Observable<ObservedValueOf<O>>;
export function readEach<T, O extends ObservableInput<unknown>>(
  source: AsyncIterable<T>,
  project: (item: T, index: number) => O,
  options?: ReadEachOptions,
): Observable<ObservedValueOf<O>>;
export function readEach<T>(
  source: Source<T>,
  project: (item: T, index: number) => ObservableInput<unknown>,
  { concurrency = 1 }: ReadEachOptions = {},
): Observable<unknown> {
  if (typeof project !== "function")
    throw new TypeError(`project must be a function; got ${describe(project)}`);
  if (concurrency !== Number.POSITIVE_INFINITY) requireInteger("concurrency", concurrency, 1);
  const handle = (subscriber: Subscriber<unknown>, item: T, index: number): Promise<void> =>
    emitted(subscriber, project(item, index));
  return observe(source, false, handle, concurrency);
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
