import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { Reader } from "../types.ts";
import { rejected, settled } from "./budget.ts";
import type { Failure, NEXT, Stepper, VIEW } from "./operation.ts";
import type { Pipe } from "./pipe.ts";

/** An iteration over the chunks or borrowed views of a pipe. For the pipe, it is the caller of each of its steps. */
export class Iteration implements AsyncIterableIterator<Uint8Array>, Stepper, AbortListener {
  readonly token: object = {};
  readonly #pipe: Pipe;
  /** Closed when the consumer leaves the loop. This reference keeps it from being collected during the iteration. */
  readonly #reader: Reader;
  readonly #kind: typeof NEXT | typeof VIEW;
  readonly #maxBytes: number;
  readonly #preventClose: boolean;
  /** Cleared by {@link finish}. */
  #signal: Abortable | undefined;
  /** Whether every later step reports the end. */
  #done = false;
  /** The error of the next step, if the signal was aborted while no step was pending. */
  #failure: Failure | undefined = undefined;

  constructor(
    pipe: Pipe,
    reader: Reader,
    kind: typeof NEXT | typeof VIEW,
    maxBytes: number,
    preventClose: boolean,
    signal: Abortable | undefined,
  ) {
    this.#pipe = pipe;
    this.#reader = reader;
    this.#kind = kind;
    this.#maxBytes = maxBytes;
    this.#preventClose = preventClose;
    this.#signal = signal;
    if (signal?.aborted) this.handleEvent();
    else if (signal !== undefined) listen(signal, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#pipe.returnView(this.token, !this.#done); // After the end, no further view is borrowed.
    const failure = this.#failure;
    if (failure !== undefined) {
      this.#failure = undefined;
      return rejected(failure.reason);
    }
    if (this.#done) return settled({ done: true, value: undefined }, 0);
    return this.#pipe.readChunk(this, this.#kind, this.#maxBytes, undefined) as Promise<
      IteratorResult<Uint8Array, undefined>
    >;
  }

  /** The consumer leaves the loop: a pending step reports the end, and the reader is closed unless `preventClose` is set. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.finish();
    this.#failure = undefined;
    this.#pipe.endSteps(this, undefined);
    this.#pipe.returnView(this.token, false);
    if (!this.#preventClose) this.#reader.close();
    return settled({ done: true, value: undefined }, 0);
  }

  /** The signal was aborted: the pending step rejects with its reason, or the next step if none is pending. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    this.finish();
    if (!this.#pipe.endSteps(this, { reason })) this.#failure = { reason };
    if (!this.#preventClose) this.#reader.closeWithError(reason);
  }

  /** Every later step reports the end. The pipe calls it when a step meets the end or fails. */
  finish(): void {
    this.#done = true;
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#signal = undefined;
  }
}
