import { isBytes, requireBytes } from "../bytes.ts";
import { ClosedPipeError } from "../errors.ts";
import { progressOf, signalOf } from "../options.ts";
import { settled } from "../pipe/budget.ts";
import { textEncoder } from "../platform.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Reader, ReadOptions } from "../types.ts";
import { describe } from "../value.ts";
import { chunks } from "./chunks.ts";
import { joined } from "./joined.ts";

/** What {@link fromIterable} takes: bytes, or text, which is read as UTF-8. */
export type ByteSource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/**
 * A `Reader` over an iterable or async iterable of bytes or strings, such as an array, a generator, or a stream.
 *
 * The source is asked for its next item when a read finds nothing left of the last one, never earlier. An item longer
 * than the reader's array is kept for the next reads; empty ones are skipped. Each string is encoded by itself, so one
 * must not end inside a surrogate pair. Overlapping reads are served in the order of the calls, and aborting one that
 * waits loses no item.
 *
 * Closing calls the iterator's `return()`, once and only while it has not ended by itself, also while a read waits for
 * the source: that read is rejected at once. What `return()` throws reaches nobody. A source hears nothing of the error
 * of `closeWithError`; it is the `cause` of what later reads are rejected with.
 *
 * @throws {TypeError} At the call, if `source` is not iterable, or is itself an array of bytes: its items are numbers.
 * @throws {TypeError} At a read, if an item is neither bytes nor a string. Then `return()` is called.
 * @throws The source's own error at the read that meets it and at all later ones, the same object.
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
  const { [Symbol.asyncIterator]: inTime, [Symbol.iterator]: atOnce } = Object(source) as Record<
    symbol,
    unknown
  >;
  if (ArrayBuffer.isView(source)) {
    throw new TypeError(
      `source must be an iterable of Uint8Array or strings; got ${describe(source)}: use fromIterable([bytes])`,
    );
  }
  const iterate = inTime ?? atOnce;
  if (typeof iterate === "function") return iterate.call(source) as ByteIterator;
  throw new TypeError(`source must be an iterable of Uint8Array or strings; got ${describe(source)}`);
}

const NOTHING = new Uint8Array(0);

class IterableReader implements Reader, AsyncIterable<Uint8Array> {
  readonly #iterator: ByteIterator;
  /** Held by the read that is served. */
  readonly #reads: Mutex = new Mutex();
  /** What is left of the item in hand. Set by {@link #pull}, shortened by {@link read}, dropped by a close. */
  #rest: Uint8Array = NOTHING;
  /** Whether the source was asked for an item and has not answered. Changed by {@link #pull}. */
  #pulling = false;
  /** Lets the read go on that waits for the source. Set by {@link #arrival}; an old one does nothing. */
  #wake: () => void = () => {};
  /** Answers reads once no byte can come: by `null`, or by a throw. Set when the source ends; a close replaces it. */
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
        await this.#arrival(signal); // Sleep until the source has answered, or the reader is closed.
      }
      const count = Math.min(this.#rest.length, length);
      into.set(this.#rest.subarray(0, count));
      this.#rest = this.#rest.subarray(count);
      if (progress !== undefined) progress.bytes = count;
      return await settled(count, count); // Later, where a source that never waits would let no timer fire.
    } finally {
      turn.unlock();
    }
  }

  /** Puts bytes back in front, a copy of them. Does nothing once this reader is closed. */
  unread(bytes: Uint8Array): void {
    requireBytes(bytes, "unread");
    if (this.#closed) return;
    this.#rest = joined(bytes, this.#rest);
    this.#wake(); // Bytes are there.
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
    this.#wake(); // Nothing will come: the read that waits is told so, and those behind it in turn.
  }

  /** Waits for the source to answer, having asked it unless it was asked before. */
  #arrival(signal: Abortable | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw signal.reason;
      const onAbort: AbortListener = {
        handleEvent: () => {
          reject(signal?.reason);
          this.#wake(); // The question stays open, and its answer is for the next read.
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

  /** Asks the source for its next item. Never rejects: what comes of it is for the reads. */
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
    this.#wake(); // The source has answered: the read that waits looks at what it said.
  }

  /** Adds what came behind what was put back meanwhile. */
  #add(item: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? item : joined(this.#rest, item);
  }

  #bytesOf(item: unknown): Uint8Array {
    if (isBytes(item)) return item;
    if (typeof item === "string") return textEncoder().encode(item);
    void this.#leave();
    throw new TypeError(
      `Cannot read ${describe(item)} from an iterable: give it Uint8Array or strings to yield`,
    );
  }

  /** Tells the source that no more is wanted. A close never throws, so neither does this. */
  async #leave(): Promise<void> {
    try {
      await this.#iterator.return?.();
    } catch {}
  }
}
