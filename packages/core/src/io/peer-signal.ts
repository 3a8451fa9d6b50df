import type { Failure } from "../pipe/operation.ts";
import { abortController } from "../platform.ts";
import type { Abortable } from "../signal.ts";

/** The used members of an end of a pipe. */
interface End {
  readonly closed: Promise<void>;
  readonly peerFailure: Failure | undefined;
}

/**
 * Returns a signal that aborts once operations on `end` fail because of the other end, with the error that they fail with. It
 * also aborts once `pipeSignal`, the signal of the pipe, has aborted the pipe. It does not abort if the stream ends without an
 * error, or if `end` itself closes.
 *
 * It refers to `end` only weakly, so that an end collected without `close()` is still detected.
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
