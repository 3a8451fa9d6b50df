/**
 * An iteration over a stream that can be left at any time. The standard's own (Web IDL, asynchronous iterators) queues `return()` behind a `next()` that waits, so a
 * loop over an idle source cannot be left from outside (whatwg/streams#1255).
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  readonly #reader: ReadableStreamDefaultReader<T>;
  readonly #preventCancel: boolean;
  /** Whether the lock is given back. Set once by {@link #release}. */
  #released = false;

  constructor(stream: ReadableStream<T>, options: ReadableStreamIteratorOptions | undefined) {
    this.#reader = stream.getReader();
    this.#preventCancel = options?.preventCancel === true;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#released) return { done: true, value: undefined };
    try {
      const { done, value } = await this.#reader.read();
      if (!done) return { done, value };
    } catch (error) {
      // A step that waited when the loop was left ends with it; what it waited for stays in the stream.
      if (!this.#released) {
        this.#release();
        throw error;
      }
    }
    this.#release();
    return { done: true, value: undefined };
  }

  async return(reason?: unknown): Promise<IteratorReturnResult<undefined>> {
    if (!this.#released) {
      const cancelled = this.#preventCancel ? undefined : this.#reader.cancel(reason);
      this.#release();
      await cancelled;
    }
    return { done: true, value: reason as undefined }; // Web IDL gives it back, too.
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#reader.releaseLock();
  }
}
