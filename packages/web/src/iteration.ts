/**
 * The prototype of all async iterators. It has `[Symbol.asyncIterator]()`, and `[Symbol.asyncDispose]()` if the engine
 * supports it.
 */
const AsyncIteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype,
);

const nothing = (): void => {};

/**
 * An iteration over a stream that can be left at any time. With the standard iterator, a loop over an idle source cannot
 * be left from outside, because `return()` is queued behind a pending `next()` (Web IDL, asynchronous iterators;
 * whatwg/streams#1255).
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  declare readonly [Symbol.asyncIterator]: () => this; // Inherited from AsyncIteratorPrototype.
  readonly #reader: ReadableStreamDefaultReader<T>;
  readonly #preventCancel: boolean;
  /** Settles when cancelling, begun by {@link return}, has settled. */
  #leaving: Promise<void> | undefined;
  /** Whether the lock is released. Set once by {@link #release}. */
  #released = false;

  constructor(reader: ReadableStreamDefaultReader<T>, options: ReadableStreamIteratorOptions | undefined) {
    this.#reader = reader;
    this.#preventCancel = options?.preventCancel === true;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#released) {
      try {
        const { done, value } = await this.#reader.read();
        if (!done) return { done, value };
        this.#release();
      } catch (error) {
        // If the loop was left, a pending step ends without an error; its bytes stay in the stream.
        if (!this.#released) {
          this.#release();
          throw error;
        }
      }
      return { done: true, value: undefined };
    }
    await this.#leaving; // Calls settle in the order they were made.
    return { done: true, value: undefined };
  }

  async return(reason?: unknown): Promise<IteratorReturnResult<undefined>> {
    if (this.#released) {
      await this.#leaving;
    } else {
      const cancelled = this.#preventCancel ? undefined : this.#reader.cancel(reason);
      this.#release();
      this.#leaving = cancelled?.catch(nothing);
      await cancelled;
    }
    return { done: true, value: reason as undefined }; // Web IDL returns it as well.
  }

  #release(): void {
    this.#released = true;
    this.#reader.releaseLock();
  }
}

// As in Web IDL, only `next` and `return` are enumerable.
Object.setPrototypeOf(Iteration.prototype, AsyncIteratorPrototype);
Reflect.deleteProperty(Iteration.prototype, "constructor");
for (const name of ["next", "return"]) {
  Object.defineProperty(Iteration.prototype, name, { enumerable: true });
}
