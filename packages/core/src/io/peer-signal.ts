import type { Failure } from "../pipe/operation.ts";
import { abortController } from "../platform.ts";
import type { Abortable } from "../signal.ts";

/** An end of a pipe, as far as it is asked for here. */
interface End {
  readonly closed: Promise<void>;
  readonly peerFailure: Failure | undefined;
}

/**
 * A signal that aborts once the other end of the pipe has closed so that operations on `end` fail, with the error that they
 * fail with, and once `pipeSignal`, the signal of the pipe, has aborted it. A clean end and a close of `end` itself are no reason to stop, so
 * they abort nothing. It keeps `end` alive no longer than others do: an end that is lost must still be found.
 */
export function peerSignal(end: End, pipeSignal?: AbortSignal): AbortSignal {
  const aborter = abortController();
  const weak = new WeakRef(end);
  void end.closed.then(() => {
    const failure = weak.deref()?.peerFailure;
    const { aborted, reason } = (pipeSignal ?? {}) as Partial<Abortable>;
    if (failure !== undefined) aborter.abort(failure.reason);
    else if (aborted === true) aborter.abort(reason);
  });
  return aborter.signal;
}
