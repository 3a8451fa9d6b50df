import type { ClosedPipeError, Side } from "../errors.ts";
import { abortController } from "../platform.ts";

/** An end of a pipe, as far as it is asked for here. */
interface End {
  readonly closed: Promise<void>;
}

/**
 * A signal that aborts once the other end of the pipe has closed, with the error that operations on `end` are rejected
 * with from then on. A clean end and a close of `end` itself are no reason to stop, so they abort nothing. It does not
 * keep `end` alive: an end that is lost must still be found.
 *
 * @param probe Begins an operation of 0 bytes.
 */
export function peerSignal<E extends End>(
  side: Side,
  end: E,
  probe: (end: E) => Promise<unknown>,
): AbortSignal {
  const aborter = abortController();
  const weak = new WeakRef(end);
  void end.closed.then(async () => {
    const kept = weak.deref();
    if (kept === undefined) return;
    const [first, second] = await Promise.allSettled([probe(kept), probe(kept)]);
    if (first.status === "fulfilled" || second.status === "fulfilled") return;
    // What the other side gave is the same object each time, and may say anything; what the pipe makes is new each time.
    const isGiven = first.reason === second.reason;
    if (isGiven || (first.reason as ClosedPipeError).side !== side) aborter.abort(first.reason);
  });
  return aborter.signal;
}
