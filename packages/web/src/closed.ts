/** A source or sink that is notified once its end of the pipe is closed. */
interface Listener {
  learn(): void;
}

/**
 * Notifies `listener` once `closed` has settled. The reference is weak: the other end of the pipe holds `closed`, and
 * must be able to detect that a stream is lost (PIPE-029). It is a separate function because closures of one function
 * share everything they capture.
 */
export function onceClosed(closed: Promise<void> | undefined, listener: Listener): void {
  const weak = new WeakRef(listener);
  const tell = (): void => weak.deref()?.learn();
  closed?.then(tell, tell);
}

/** Resolves `closed` of a collected end, on which no operation can follow. */
const collected = new FinalizationRegistry<() => void>((resolveClosed) => resolveClosed());

/** Calls `resolveClosed` when `end` is collected. `resolveClosed` must not hold `end`. */
export function onceCollected(end: object, resolveClosed: () => void): void {
  collected.register(end, resolveClosed);
}
