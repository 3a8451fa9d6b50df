import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";

/**
 * Throws `signal.reason` if `signal` is aborted. Called between two steps, because a foreign reader or writer may ignore the
 * signal that each step passes.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  const { aborted, reason } = (signal ?? {}) as Partial<Abortable>;
  if (aborted) throw reason;
}

/**
 * Settles as `promise` does, or rejects with the reason if `signal` aborts first. The caller must then handle `promise` by
 * other means.
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
