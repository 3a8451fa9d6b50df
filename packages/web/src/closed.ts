/** What is notified once nothing goes through an end any more. */
interface Listener {
  learn(): void;
}

/**
 * Notifies `listener` once `closed` has settled, and does not keep it alive: the other end of a pipe holds `closed`, and must be
 * notified when a stream is lost (PIPE-029). (A function of its own, because closures share what any of them captures.)
 */
export function onceClosed(closed: Promise<void> | undefined, listener: Listener): void {
  const weak = new WeakRef(listener);
  const tell = (): void => weak.deref()?.learn();
  closed?.then(tell, tell);
}

/** Resolves `closed` of an end that was collected: no operation on it can follow. */
const collected = new FinalizationRegistry<() => void>((resolveClosed) => resolveClosed());

/** Has `resolveClosed` called when `end` is collected. It must not hold `end`. */
export function onceCollected(end: object, resolveClosed: () => void): void {
  collected.register(end, resolveClosed);
}
