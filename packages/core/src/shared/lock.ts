/*
 * A mutex in one word: 0 is free, 1 is locked, 2 is locked and other calls may be parked (after U. Drepper, "Futexes Are
 * Tricky"). Plain functions over atomic operations, verified in the same way as those of protocol.ts.
 *
 * A call parks only on the value WANTED, and the only step from there to FREE wakes all parked calls. Waking a single one is
 * not enough: its thread may be terminated, or blocked elsewhere and so unable to run a woken promise.
 */

const FREE = 0;
const LOCKED = 1;
/** The value on which a waiting call parks. */
export const WANTED = 2;

/** Acquires the mutex if it is free. Returns whether it did. */
export function tryLock(words: Int32Array, mutex: number): boolean {
  return Atomics.compareExchange(words, mutex, FREE, LOCKED) === FREE;
}

/** Acquires the mutex if it is free. Otherwise marks it, so that the caller may park on {@link WANTED}, and returns false. */
export function lockOrMark(words: Int32Array, mutex: number): boolean {
  return tryLock(words, mutex) || Atomics.exchange(words, mutex, WANTED) === FREE;
}

/** Releases the mutex, and wakes all calls that wait for it. */
export function unlock(words: Int32Array, mutex: number): void {
  if (Atomics.exchange(words, mutex, FREE) === WANTED) Atomics.notify(words, mutex);
}

/**
 * Releases the mutex for a thread that died, whether or not that thread held it. The guarded side must be closed before: then
 * later calls move no bytes, and it is harmless that a living thread may hold the mutex at the same time.
 */
export function breakLock(words: Int32Array, mutex: number): void {
  Atomics.store(words, mutex, FREE);
  Atomics.notify(words, mutex);
}
