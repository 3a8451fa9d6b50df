import { isBytes, requireBytes } from "../bytes.ts";
import { ClosedPipeError } from "../errors.ts";
import { progressOf, signalOf } from "../options.ts";
import { fairTurn, settled } from "../pipe/budget.ts";
import { textEncoder } from "../platform.ts";
import { property, readerAdvice } from "../requirement.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Reader, ReadOptions } from "../types.ts";
import { describe } from "../value.ts";
import { chunks } from "./chunks.ts";
import { joined } from "./joined.ts";

/** The argument of {@link fromIterable}: an iterable of bytes or strings. Strings are encoded as UTF-8. */
export type ByteSource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/**
 * Makes a `Reader` over an iterable or async iterable of bytes or strings, such as an array, a generator, or a stream.
 *
 * The source is pulled for its next item only when a read needs it. An item longer than the array of a read is kept for the
 * next reads; empty items are skipped. Each string is encoded separately, so it must not end inside a surrogate pair.
 * Overlapping reads are served in the order of the calls. Aborting a pending read loses no item.
 *
 * A close calls the iterator's `return()`, unless the iterator has already ended, and rejects a pending read at once. An error
 * of `return()` is ignored. The error of `closeWithError` is not passed to the source; it is the `cause` of the error that
 * later reads reject with.
 *
 * @throws {TypeError} If `source` is not an iterable, or is a `Uint8Array`.
 * @throws {TypeError} At a read, if an item is neither a `Uint8Array` nor a string. `return()` is then called.
 * @throws The error of the source, at this read and all later ones, as the same object.
 * @throws {ClosedPipeError} At a read, once the reader is closed.
 *
 * @example
 * ```ts
 * const reader = fromIterable(["id,name\n", "1,Ada\n"]);
 * console.log(await readText(reader)); // id,name\n1,Ada\n
 * ```
 */
export function fromIterable(source: ByteSource): Reader & AsyncIterable<Uint8Array> {
  return new IterableReader(iteratorOf(source));
}

type ByteIterator = Iterator<unknown> | AsyncIterator<unknown>;

function iteratorOf(source: ByteSource): ByteIterator {
  const iterate = property(source, Symbol.asyncIterator) ?? property(source, Symbol.iterator);
  if (typeof iterate === "function" && !isBytes(source)) return iterate.call(source) as ByteIterator;
  throw new TypeError(`source must be an iterable of Uint8Array or strings; got ${readerAdvice(source)}`);
}

const NOTHING = new Uint8Array(0);

class IterableReader implements Reader, AsyncIterable<Uint8Array> {
  readonly #iterator: ByteIterator;
  /** Held by one read at a time. */
  readonly #reads: Mutex = new Mutex();
  /** The unread bytes of the current item. Set by {@link #pull}, shortened by {@link read}, dropped by a close. */
  #rest: Uint8Array = NOTHING;
  /** Whether a call of the iterator's `next()` is pending. Changed by {@link #pull}. */
  #pulling = false;
  /** Resumes the read that waits for the source. Set by {@link #arrival}; an outdated one has no effect. */
  #wake: () => void = () => {};
  /** The result of reads after the end: returns `null`, or throws. Set when the source ends; a close replaces it. */
  #answer: ((length: number) => null) | undefined = undefined;
  #closed = false;

  constructor(iterator: ByteIterator) {
    this.#iterator = iterator;
  }

  async read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    const { length } = requireBytes(into, "read into");
    const signal = signalOf(options);
    const progress = progressOf(options);
    if (signal?.aborted) throw signal.reason;
    if (length === 0 && this.#answer === undefined) return 0;
    const turn = this.#reads.tryLock() ?? (await this.#reads.lock(options));
    try {
      while (this.#rest.length === 0) {
        if (this.#answer !== undefined) return this.#answer(length);
        await this.#arrival(signal); // Wait until the source has yielded or the reader is closed.
        if (this.#rest.length === 0) await fairTurn(0); // A source of empty items must not delay timers.
      }
      const count = Math.min(this.#rest.length, length);
      into.set(this.#rest.subarray(0, count));
      this.#rest = this.#rest.subarray(count);
      if (progress !== undefined) progress.bytes = count;
      return await settled(count, count); // May be deferred, because a source that never waits would delay timers.
    } finally {
      turn.unlock();
    }
  }

  /** Puts a copy of `bytes` back in front of all unread bytes. Does nothing once this reader is closed. */
  unread(bytes: Uint8Array): void {
    requireBytes(bytes, "unread");
    if (this.#closed) return;
    this.#rest = joined(bytes, this.#rest);
    this.#wake();
  }

  /** Iterates over chunks that the consumer owns. Leaving the loop closes this reader; `chunks()` has options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return chunks(this);
  }

  close(): void {
    this.#close({});
  }

  closeWithError(error: unknown): void {
    this.#close({ cause: error });
  }

  #close(why: { readonly cause?: unknown }): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#answer === undefined) void this.#leave();
    this.#answer = (length) => {
      const message = `Cannot read up to ${length} bytes: the reader closed`;
      throw new ClosedPipeError(message, { side: "reader", operation: "read", ...why });
    };
    this.#rest = NOTHING;
    this.#wake(); // The pending read rejects and releases the mutex, and so do the queued ones.
  }

  /** Waits until the source has yielded. Pulls it, unless a pull is pending. */
  #arrival(signal: Abortable | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw signal.reason;
      const onAbort: AbortListener = {
        handleEvent: () => {
          reject(signal?.reason);
          this.#wake(); // The pull stays pending, and its item is for the next read.
        },
      };
      this.#wake = () => {
        if (signal !== undefined) unlisten(signal, onAbort);
        resolve();
      };
      if (signal !== undefined) listen(signal, onAbort);
      if (!this.#pulling) void this.#pull();
    });
  }

  /** Pulls the next item. Never rejects: an error is stored for the reads. */
  async #pull(): Promise<void> {
    this.#pulling = true;
    try {
      const { done, value } = await this.#iterator.next();
      if (done === true) this.#answer ??= () => null;
      else if (this.#answer === undefined) this.#add(this.#bytesOf(value));
    } catch (error) {
      this.#answer ??= () => {
        throw error;
      };
    }
    this.#pulling = false;
    this.#wake();
  }

  /** Adds an item after bytes that were put back during the pull. */
  #add(item: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? item : joined(this.#rest, item);
  }

  #bytesOf(item: unknown): Uint8Array {
    if (typeof item === "string") return textEncoder().encode(item);
    try {
      if (isBytes(item)) return requireBytes(item, "read");
      throw new TypeError(`Cannot read ${describe(item)} from an iterable: yield Uint8Array or strings`);
    } catch (error) {
      void this.#leave();
      throw error;
    }
  }

  /** Calls the iterator's `return()`. Never rejects, because a close never throws. */
  async #leave(): Promise<void> {
    try {
      await this.#iterator.return?.();
    } catch {}
  }
}
