import type { PipeWriter } from "../pipe/writer.ts";
import { property } from "../requirement.ts";
import type { Abortable } from "../signal.ts";

/** A limit, because causes may form a cycle. */
const MOST_CAUSES = 8;

/**
 * Whether `error`, or one of its causes, comes from the closed pipe itself: the error that an end was closed with, a
 * `ClosedPipeError`, or the abort of the producer's signal. Such an error need not be reported to the caller that closed the
 * pipe.
 */
export function isEcho(error: unknown, writer: PipeWriter, signal: AbortSignal): boolean {
  const { aborted, reason } = signal as AbortSignal & Abortable;
  let cause = error;
  for (let depth = 0; depth < MOST_CAUSES; depth += 1) {
    if (writer.isClosedWith(cause)) return true;
    const code = property(cause, "code");
    if (code === "ERR_CLOSED_PIPE" || code === "ERR_ABANDONED_PIPE") return true;
    if (aborted && (cause === reason || property(cause, "name") === "AbortError")) return true;
    cause = property(cause, "cause");
    if (cause === undefined) return false;
  }
  return false;
}
