import { finished, Readable } from "node:stream";
import { nextIteration } from "./next-iteration.ts";

/** A pending `next()`. */
interface Step {
  resolve(result: IteratorResult<any, undefined>): void;
  reject(error: unknown): void;
}

/** Node's own `read()`. The one of this package requests the next chunk if there is a `readable` listener. */
const take = Reflect.get(Readable.prototype, "read") as () => unknown;
const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over the chunks of a stream. If a loop is left early, Node's own iterator destroys the stream with an
 * AbortError, after a pending `next()` has settled. This one destroys it without an error, and does not wait.
 */
export class Iteration implements AsyncIterableIterator<any, undefined> {
  readonly #stream: Readable;
  readonly #destroyOnReturn: boolean;
  readonly #postpones: boolean;
  /** The pending calls, in order. */
  readonly #steps: Step[] = [];
  /** Set once the stream has ended or failed. */
  #end: { readonly error: unknown } | undefined;
  readonly #stopWatching: () => void;
  /**
   * Whether {@link #serve} listens to `readable`. Listening makes the stream read, so it starts with the first pending
   * `next()`.
   */
  #listening = false;

  readonly #serve = (): void => {
    for (let step = this.#steps[0]; step !== undefined; step = this.#steps[0]) {
      const value = this.#take();
      if (value === null && this.#end === undefined) return;
      this.#steps.shift();
      if (value !== null) step.resolve({ done: false, value });
      else this.#finish(step);
    }
  };

  /**
   * @param postpones Whether leaving the loop destroys the stream only in the next iteration of the event loop. If an
   * error ended the loop, `pipeline()` destroys the stream with that error first, so the other side of a duplex gets it
   * (NODE-004).
   */
  constructor(stream: Readable, destroyOnReturn: boolean, postpones: boolean) {
    this.#stream = stream;
    this.#postpones = postpones;
    this.#destroyOnReturn = destroyOnReturn;
    this.#stopWatching = finished(stream, { writable: false }, (error) => {
      this.#end ??= { error };
      this.#serve();
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<any, undefined>> {
    if (this.#steps.length === 0) {
      const value = this.#take();
      if (value !== null) return Promise.resolve({ done: false, value });
    }
    return new Promise((resolve, reject) => {
      const step = { resolve, reject };
      if (this.#end !== undefined) {
        this.#finish(step);
        return;
      }
      this.#steps.push(step);
      if (!this.#listening) this.#stream.on("readable", this.#serve);
      this.#listening = true;
    });
  }

  /** Ends the iteration and all pending calls of `next()`. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#leave();
    if (this.#destroyOnReturn && this.#postpones) nextIteration(() => this.#stream.destroy());
    else if (this.#destroyOnReturn) this.#stream.destroy();
    return Promise.resolve(DONE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  throw(error: unknown): Promise<never> {
    void this.return();
    return Promise.reject(error);
  }

  #take(): unknown {
    return this.#end !== undefined || this.#stream.destroyed ? null : take.call(this.#stream);
  }

  /** Settles a step after the end. Only the first one rejects with the error. */
  #finish(step: Step): void {
    const error = this.#end?.error;
    this.#leave();
    if (error) step.reject(error);
    else step.resolve(DONE);
  }

  #leave(): void {
    this.#end = { error: undefined };
    this.#stopWatching();
    this.#stream.off("readable", this.#serve);
    for (const step of this.#steps.splice(0)) step.resolve(DONE);
  }
}
