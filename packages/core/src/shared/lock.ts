/*
 * A mutex in one word: 0 is free, 1 is locked, 2 is locked and other calls may sleep on it (after U. Drepper, "Futexes Are Tricky").
 * Plain functions over atomic operations, checked as those of protocol.ts are.
 *
 * A call sleeps only on the value WANTED, and the one way from there to FREE wakes every sleeper. So none sleeps at a free mutex. To wake a
 * single one would not do: its thread may have been terminated, or may block elsewhere while a promise of it is what was woken.
 */

const FREE = 0;
const LOCKED = 1;
/** The value that a call which waits for the mutex sleeps on. */
export const WANTED = 2;

/** Takes the mutex if it is free. */
export function tryLock(words: Int32Array, mutex: number): boolean {
  return Atomics.compareExchange(words, mutex, FREE, LOCKED) === FREE;
}

/** Takes the mutex if it is free, and marks it as wanted otherwise: the caller may sleep on {@link WANTED} then. */
export function lockOrMark(words: Int32Array, mutex: number): boolean {
  return tryLock(words, mutex) || Atomics.exchange(words, mutex, WANTED) === FREE;
}

/** Releases the mutex, and wakes every call that waits for it. */
export function unlock(words: Int32Array, mutex: number): void {
  if (Atomics.exchange(words, mutex, FREE) === WANTED) Atomics.notify(words, mutex);
}

/**
 * Releases the mutex in place of a thread that died, whether that thread held it or not. What the mutex guards must be closed
 * before: then the calls that lock it next move nothing, and it does no harm that a living thread may hold it, too.
 */
export function breakLock(words: Int32Array, mutex: number): void {
  Atomics.store(words, mutex, FREE);
  Atomics.notify(words, mutex);
}
