import { finished, Readable } from "node:stream";
import { nextIteration } from "./next-iteration.ts";

/** One `next()` that waits. */
interface Step {
  resolve(result: IteratorResult<any, undefined>): void;
  reject(error: unknown): void;
}

/** Node's own `read()`: ours takes a listener to `readable` for a consumer that wants the next chunk announced. */
const take = Reflect.get(Readable.prototype, "read") as () => unknown;
const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over the chunks of a stream. Node's own iterator destroys a stream that is left early with an AbortError,
 * and holds back a `return()` until the `next()` before it has settled; this one closes it without an error, at once.
 */
export class Iteration implements AsyncIterableIterator<any, undefined> {
  readonly #stream: Readable;
  readonly #destroyOnReturn: boolean;
  readonly #postpones: boolean;
  /** Those that wait, in the order of the calls. */
  readonly #steps: Step[] = [];
  /** Set once the stream has ended or failed. */
  #end: { readonly error: unknown } | undefined;
  readonly #stopWatching: () => void;
  /** Whether {@link #serve} hears of what is readable. That asks for it, so not before somebody waits. */
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
   * @param postpones Whether a stream that is left is destroyed in the next iteration of the event loop. If the loop is left because
   * of an error, `pipeline()` then destroys it with that error, and the other side of a duplex gets it (NODE-004).
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

  /** Ends the iteration, and the steps that wait with it. */
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

  /** Tells a step of the end, an error once. */
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
