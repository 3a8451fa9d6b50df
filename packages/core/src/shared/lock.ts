/*
 * A mutex in one word: 0 is free, 1 is taken, 2 is taken and somebody may sleep on it (after U. Drepper, "Futexes Are Tricky").
 * Plain functions over atomic operations, checked as those of protocol.ts are.
 */

const FREE = 0;
const TAKEN = 1;
/** The value that those who wait for the mutex sleep on. */
export const WANTED = 2;

/** Takes the mutex if it is free. */
export function tryLock(words: Int32Array, mutex: number): boolean {
  return Atomics.compareExchange(words, mutex, FREE, TAKEN) === FREE;
}

/**
 * Takes the mutex if it is free, and else leaves word that it is wanted. Whoever has slept takes it so, since others may still
 * sleep: then its unlock wakes one of them.
 */
export function lockOrMark(words: Int32Array, mutex: number): boolean {
  return Atomics.exchange(words, mutex, WANTED) === FREE;
}

/** Lets go of the mutex, and wakes one who wants it. */
export function unlock(words: Int32Array, mutex: number): void {
  if (Atomics.exchange(words, mutex, FREE) === WANTED) Atomics.notify(words, mutex, 1);
}

/**
 * Takes the mutex from a thread that died, whether it had it or not, and wakes all who want it. What it guards must be closed
 * before: then those who take it next move nothing, and it does no harm that a living thread may have it, too.
 */
export function breakLock(words: Int32Array, mutex: number): void {
  Atomics.store(words, mutex, FREE);
  Atomics.notify(words, mutex);
}
