/** What every asynchronous iterator of the engine inherits: `[Symbol.asyncIterator]()`, and `[Symbol.asyncDispose]()` where the engine has it. */
const AsyncIteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype,
);

const nothing = (): void => {};

/**
 * An iteration over a stream that can be left at any time. The standard's own (Web IDL, asynchronous iterators) queues `return()` behind a `next()` that waits, so a
 * loop over an idle source cannot be left from outside (whatwg/streams#1255).
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  declare readonly [Symbol.asyncIterator]: () => this; // Inherited.
  readonly #reader: ReadableStreamDefaultReader<T>;
  readonly #preventCancel: boolean;
  /** Settles when the loop has been left. Set by {@link return}. */
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
        // A step that waited when the loop was left ends with it; what it waited for stays in the stream.
        if (!this.#released) {
          this.#release();
          throw error;
        }
      }
      return { done: true, value: undefined };
    }
    await this.#leaving; // Calls settle in their order.
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
    return { done: true, value: reason as undefined }; // Web IDL gives it back, too.
  }

  #release(): void {
    this.#released = true;
    this.#reader.releaseLock();
  }
}

// As Web IDL has it: `next` and `return` and nothing else, enumerable.
Object.setPrototypeOf(Iteration.prototype, AsyncIteratorPrototype);
Reflect.deleteProperty(Iteration.prototype, "constructor");
for (const name of ["next", "return"]) {
  Object.defineProperty(Iteration.prototype, name, { enumerable: true });
}
