import type { Reader } from "@pipe512/core";
import { describe, fairTurn, requireInteger } from "@pipe512/core/adapter";
import { opener, type Source, type Steps } from "./source.ts";

declare const setTimeout: (callback: () => void, ms: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

/** Options of {@link batches}. */
export interface BatchesOptions {
  /** The maximum number of items in a batch, an integer of at least 1. */
  readonly size: number;
  /**
   * The longest time a batch waits for more items after its first one, in milliseconds. By default a batch waits until
   * it is full or the source ends.
   *
   * @default {Infinity}
   */
  readonly maxWaitMs?: number | undefined;
}

/**
 * Groups the items of a source into arrays of at most `size`. **It reads nothing ahead**: items are pulled only while a
 * batch is awaited. An item still being pulled when `maxWaitMs` has passed goes into the next batch. Pass the result to
 * {@link readEach}, or iterate over it.
 *
 * A batch has at least one item. Items that came before an error of the source are delivered before the error. Leaving
 * the iteration closes a reader, and calls the `return()` of an iterator.
 *
 * @param source A `Reader`, of which it takes ownership, or any `AsyncIterable`.
 * @throws {TypeError} If `source` is neither.
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {RangeError} If `size` is not an integer of at least 1.
 * @throws {RangeError} If `maxWaitMs` is negative or `NaN`.
 *
 * @example
 * ```ts
 * readEach(batches(lines(reader), { size: 100, maxWaitMs: 50 }), (rows) => database.insert(rows)).subscribe();
 * ```
 */
export function batches(source: Reader, options: BatchesOptions): AsyncIterableIterator<Uint8Array[]>;
export function batches<T>(source: AsyncIterable<T>, options: BatchesOptions): AsyncIterableIterator<T[]>;
export function batches<T>(source: Source<T>, options: BatchesOptions): AsyncIterableIterator<T[]> {
  const { size, maxWaitMs = Number.POSITIVE_INFINITY } = options;
  requireInteger("size", size, 1);
  if (!(typeof maxWaitMs === "number" && maxWaitMs >= 0)) {
    const Misuse = typeof maxWaitMs === "number" ? RangeError : TypeError;
    throw new Misuse(`maxWaitMs must be a number of at least 0; got ${describe(maxWaitMs)}`);
  }
  return new Batches(opener(source, false), size, maxWaitMs);
}

/** The result of one step of the source, or its failure. */
type Outcome<T> = IteratorResult<T, unknown> | { readonly failure: { readonly reason: unknown } };

class Batches<T> implements AsyncIterableIterator<T[]> {
  readonly #open: () => Steps<T>;
  readonly #size: number;
  readonly #maxWaitMs: number;
  #steps: Steps<T> | undefined = undefined;
  /** The pulled step that no batch has used yet. It is kept for the next batch if this one times out. */
  #pulled: Promise<Outcome<T>> | undefined = undefined;
  /** The error of the source, kept while the items before it are delivered. */
  #failure: { readonly reason: unknown } | undefined = undefined;
  #isOver = false;
  /** Resolves when the consumer leaves. */
  readonly #left: Promise<undefined>;
  #leave!: (value: undefined) => void;
  /** The latest batch requested. Calls to `next()` are served one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(open: () => Steps<T>, size: number, maxWaitMs: number) {
    this.#open = open;
    this.#size = size;
    this.#maxWaitMs = maxWaitMs;
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T[], undefined>> {
    const batch = this.#last.then(() => this.#collect());
    this.#last = batch.catch(() => {});
    return batch;
  }

  async return(): Promise<IteratorResult<T[], undefined>> {
    this.#leave(undefined);
    if (!this.#isOver) {
      this.#isOver = true;
      await this.#steps?.return?.();
    }
    return { done: true, value: undefined };
  }

  async #collect(): Promise<IteratorResult<T[], undefined>> {
    const batch: T[] = [];
    let timer: unknown;
    let timeOver: Promise<undefined> | undefined;
    try {
      while (!this.#isOver && batch.length < this.#size) {
        this.#pulled ??= this.#pull();
        const outcome = await Promise.race([this.#pulled, timeOver ?? this.#left, this.#left]);
        if (outcome === undefined) break; // `maxWaitMs` has passed, or the consumer has left.
        this.#pulled = undefined;
        if ("failure" in outcome) this.#failure = outcome.failure;
        if ("failure" in outcome || outcome.done === true) this.#isOver = true;
        else batch.push(outcome.value);
        if (batch.length === 1 && timeOver === undefined && this.#maxWaitMs < Number.POSITIVE_INFINITY) {
          timeOver = new Promise((resolve) => {
            timer = setTimeout(() => resolve(undefined), this.#maxWaitMs);
          });
        }
      }
    } finally {
      clearTimeout(timer);
    }
    if (batch.length > 0) return { done: false, value: batch };
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.reason;
    return { done: true, value: undefined };
  }

  /** Never rejects: the batch that receives the failure throws its error. */
  async #pull(): Promise<Outcome<T>> {
    try {
      // Pulled before any wait: a source may drop what no consumer has pulled.
      this.#steps ??= this.#open();
      const step = this.#steps.now?.() ?? (await this.#steps.next());
      await fairTurn(0);
      return step;
    } catch (reason) {
      return { failure: { reason } };
    }
  }
}
