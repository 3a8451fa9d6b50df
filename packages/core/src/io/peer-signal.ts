import type { Failure } from "../pipe/operation.ts";
import { abortController } from "../platform.ts";

/** An end of a pipe, as far as it is asked for here. */
interface End {
  readonly closed: Promise<void>;
  readonly peerFailure: Failure | undefined;
}

/**
 * A signal that aborts once the other end of the pipe has closed so that operations on `end` fail, with the error that they
 * fail with. A clean end and a close of `end` itself are no reason to stop, so they abort nothing. It keeps `end` alive no
 * longer than others do: an end that is lost must still be found.
 */
export function peerSignal(end: End): AbortSignal {
  const aborter = abortController();
  const weak = new WeakRef(end);
  void end.closed.then(() => {
    const failure = weak.deref()?.peerFailure;
    if (failure !== undefined) aborter.abort(failure.reason);
  });
  return aborter.signal;
}
