import type { Failure } from "../pipe/operation.ts";
import { type Aborter, abortController } from "../platform.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";

/** An end of a pipe, as far as it is used here. */
interface End {
  readonly closed: Promise<void>;
  readonly peerFailure: Failure | undefined;
}

/**
 * The signal for the code at one end of a pipe. It aborts once the other end has closed so that operations on `end` fail, with the error that they
 * fail with, or when the caller's own signal aborts. A clean end and a close of `end` itself abort nothing. It keeps `end` alive no
 * longer than others do: a lost end must still be found.
 */
export class PeerSignal implements AbortListener {
  readonly #aborter: Aborter = abortController();
  readonly #outer: Abortable | undefined;

  constructor(end: End, outer: Abortable | undefined) {
    this.#outer = outer;
    if (outer !== undefined) listen(outer, this);
    const weak = new WeakRef(end);
    void end.closed.then(() => {
      const failure = weak.deref()?.peerFailure;
      if (failure !== undefined) this.#aborter.abort(failure.reason);
    });
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** The caller's signal has aborted. */
  handleEvent(): void {
    this.#aborter.abort(this.#outer?.reason);
  }

  /** The code has finished: nothing stays registered on the caller's signal. */
  finish(): void {
    if (this.#outer !== undefined) unlisten(this.#outer, this);
  }
}
