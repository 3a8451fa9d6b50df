import type { Abortable } from "../signal.ts";

/**
 * Stops between two steps once `signal` is aborted. The steps are given the signal too, but a reader or writer that
 * looks at no signal must not keep a cancelled transfer going.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  const { aborted, reason } = (signal ?? {}) as Partial<Abortable>;
  if (aborted) throw reason;
}
