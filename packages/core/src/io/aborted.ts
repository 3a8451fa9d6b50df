import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";

/**
 * Stops between two steps once `signal` is aborted. The steps are given the signal too, but a reader or writer that
 * looks at no signal must not keep a cancelled transfer going.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  const { aborted, reason } = (signal ?? {}) as Partial<Abortable>;
  if (aborted) throw reason;
}

/**
 * Settles as `promise` does, or rejects with the reason once `signal` aborts first. What becomes of `promise` then is for somebody else to
 * handle.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: Abortable | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort: AbortListener = {
      handleEvent: () => {
        unlisten(signal, onAbort);
        reject(signal.reason);
      },
    };
    if (signal.aborted) onAbort.handleEvent();
    else listen(signal, onAbort);
    void promise.then(resolve, reject).then(() => unlisten(signal, onAbort));
  });
}
