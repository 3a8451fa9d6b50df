import type { Reader } from "@pipe512/core";
import type { Observable, ObservableInput, ObservedValueOf, Subscriber } from "rxjs";
import { describe, requireInteger } from "@pipe512/core/adapter";
import { observe } from "./iteration.ts";
import type { Source } from "./source.ts";
import { subscribeFor } from "./subscription.ts";

/** Options of {@link readEach}. */
export interface ReadEachOptions {
  /**
   * The maximum number of inner observables that run at once, an integer of at least 1 or `Infinity`. While that many
   * run, nothing is read. Their values are emitted in the order of arrival.
   *
   * @default {1}
   */
  readonly concurrency?: number | undefined;
}

/**
 * **Backpressure end to end**: reads an item, passes it to `project`, and reads the next one only when the inner
 * observable (or promise, or any other `ObservableInput`) has completed. It emits the values of the inner observables.
 * It works like `from(source).pipe(concatMap(project))` without the queue: `from()` pulls as fast as the source
 * delivers, and `concatMap` keeps all of it in memory.
 *
 * Over a pipe, at most 512 bytes and one chunk are read ahead of `project`. A source may read ahead by itself:
 * `lines(reader)` reads up to 64 KiB. Put all slow work into `project`; operators after `readEach` apply no
 * backpressure.
 *
 * Reading starts at the subscription. Unsubscribing, or a failure of `project`, closes the reader at once, or calls the
 * `return()` of an iterator. An error of the source is emitted as `error`, the same object.
 *
 * @param source A `Reader`, of which it takes ownership, or any `AsyncIterable`. Chunks of a reader have at most 65,536
 * bytes and belong to `project`. A reader or an iterator can be consumed only once: a second subscription fails, and
 * the first is not affected. `defer(() => readEach(open(), project))` opens one for each subscription.
 * @throws {TypeError} If `source` is neither.
 * @throws {TypeError} If `project` is not a function.
 * @throws {TypeError} If `concurrency` is not a number.
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

/**
 * Emits the values of `inner`, and resolves when it completes. If `subscriber` leaves, the promise never settles and
 * can be collected.
 */
function emitted(subscriber: Subscriber<unknown>, inner: ObservableInput<unknown>): Promise<void> {
  // Faster for promises: skips making an Observable.
  if (inner instanceof Promise) return inner.then((value) => subscriber.next(value));
  return new Promise((resolve, reject) => {
    const next = (value: unknown): void => subscriber.next(value);
    subscribeFor(subscriber, inner, { next, error: reject, complete: resolve });
  });
}
