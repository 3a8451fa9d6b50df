import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { Reader } from "../types.ts";
import { rejected, settled } from "./budget.ts";
import type { Failure, NEXT, Stepper, VIEW } from "./operation.ts";
import type { Pipe } from "./pipe.ts";

/** An iteration over a pipe, over chunks or over borrowed views. The pipe knows it as the caller of its steps. */
export class Iteration implements AsyncIterableIterator<Uint8Array>, Stepper, AbortListener {
  readonly token: object = {};
  readonly #pipe: Pipe;
  /** Closed when the consumer leaves, and kept from being collected as long as the iteration is there. */
  readonly #reader: Reader;
  readonly #kind: typeof NEXT | typeof VIEW;
  readonly #maxBytes: number;
  readonly #preventClose: boolean;
  /** Listened to from the start until the end. Cleared by {@link finish}. */
  #signal: Abortable | undefined;
  /** Whether no step brings anything any more. */
  #done = false;
  /** What the next step is to be rejected with, where the abort met none that waited. */
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
    this.#pipe.returnView(this.token, !this.#done); // A last step asks for no view.
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

  /** The consumer leaves: a step that waits is done, and the reader is closed unless that was prevented. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.finish();
    this.#failure = undefined;
    this.#pipe.endSteps(this, undefined);
    this.#pipe.returnView(this.token, false);
    if (!this.#preventClose) this.#reader.close();
    return settled({ done: true, value: undefined }, 0);
  }

  /** The signal was aborted: the step that waits is rejected with its reason, or else the next one. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    this.finish();
    if (!this.#pipe.endSteps(this, { reason })) this.#failure = { reason };
    if (!this.#preventClose) this.#reader.closeWithError(reason);
  }

  /** No step brings anything any more. Called by the pipe when it ends a step so, and when the consumer leaves. */
  finish(): void {
    this.#done = true;
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#signal = undefined;
  }
}
