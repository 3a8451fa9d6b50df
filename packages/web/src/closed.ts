/** Who is to hear that nothing goes through an end any more. */
interface Listener {
  learn(): void;
}

/**
 * Tells `listener` once `closed` has settled. It does not keep it alive: the other end of a pipe holds on to `closed`, and is to
 * hear of a stream that is lost. (It is a function of its own because closures share what any of them captures.)
 */
export function onceClosed(closed: Promise<void> | undefined, listener: Listener): void {
  const weak = new WeakRef(listener);
  const tell = (): void => weak.deref()?.learn();
  closed?.then(tell, tell);
}
