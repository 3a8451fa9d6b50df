import { CAPACITY, HEAD, READER_SLEEPS, STATE, TAIL, WRITER_SLEEPS } from "./layout.ts";
import { copyIn, copyOut } from "./ring.ts";

/*
 * The protocol by which two threads share a ring and park: plain functions over atomic operations. The models in test/models
 * verify the protocol. A test also runs these functions in every possible order of their atomic operations.
 *
 * No wake-up is lost, because both sides keep an order. A side that is about to park announces it, then checks again, then
 * parks. A side that makes a change makes it first, then checks for announcements. So at least one of the checks succeeds.
 */

/** The local state of one side of the ring. Only the thread that has the side changes it. */
export interface Half {
  readonly words: Int32Array;
  readonly ring: Uint8Array;
  /** The counter that this side moves: HEAD for the writer, TAIL for the reader. */
  own: number;
  /** The last known value of the other side's counter. The actual value is the same or greater. */
  peer: number;
}

/** Puts as much of `bytes[from, to)` into the ring as there is room, as long as the reader makes more. Returns the number of bytes. */
export function put(half: Half, bytes: Uint8Array, from: number, to: number): number {
  const words = half.words;
  let at = from;
  while (at < to) {
    let room = CAPACITY - ((half.own - half.peer) | 0);
    if (room < to - at) {
      half.peer = Atomics.load(words, TAIL);
      room = CAPACITY - ((half.own - half.peer) | 0);
      if (room === 0) break;
    }
    const count = Math.min(room, to - at);
    copyIn(half.ring, half.own, bytes, at, count);
    half.own = (half.own + count) | 0;
    Atomics.store(words, HEAD, half.own);
    at += count;
  }
  return at - from;
}

/** Number of readable bytes. Loads the writer's counter only if fewer than `wanted` bytes are known. */
export function available(half: Half, wanted: number): number {
  const known = (half.peer - half.own) | 0;
  if (known >= wanted) return known;
  half.peer = Atomics.load(half.words, HEAD);
  return (half.peer - half.own) | 0;
}

/** Moves available bytes into `into[from, to)` and wakes a writer for which enough room is free. Returns the number of bytes. */
export function take(half: Half, into: Uint8Array, from: number, to: number): number {
  const count = Math.min(available(half, to - from), to - from);
  if (count === 0) return 0;
  copyOut(half.ring, half.own, into, from, count);
  half.own = (half.own + count) | 0;
  Atomics.store(half.words, TAIL, half.own);
  wakeWriter(half);
  return count;
}

/** Wakes a parked reader. The writer calls it once it is done or has no room, not after each step. */
export function wakeReader(words: Int32Array): void {
  if (Atomics.load(words, READER_SLEEPS) === 0) return;
  if (Atomics.compareExchange(words, READER_SLEEPS, 1, 0) === 1) Atomics.notify(words, READER_SLEEPS);
}

function wakeWriter(half: Half): void {
  const words = half.words;
  for (;;) {
    const need = Atomics.load(words, WRITER_SLEEPS);
    if (need === 0 || CAPACITY - ((Atomics.load(words, HEAD) - half.own) | 0) < need) return;
    if (Atomics.compareExchange(words, WRITER_SLEEPS, need, 0) !== need) continue; // Another thread has changed it.
    Atomics.notify(words, WRITER_SLEEPS);
    return;
  }
}

/**
 * Announces that a thread is about to park on `word` until `need` bytes are available, and returns the value to park on. If
 * several threads park, the smallest need applies. A stale announcement costs one needless notification.
 */
export function announce(words: Int32Array, word: number, need: number): number {
  for (;;) {
    const value = Atomics.load(words, word);
    if (value !== 0 && value <= need) return value;
    if (Atomics.compareExchange(words, word, value, need) === value) return need;
  }
}

/** Whether this side must not park after its announcement: the other side's counter has changed, or one of `states` is set. */
export function hasNews(half: Half, counter: typeof HEAD | typeof TAIL, states: number): boolean {
  return Atomics.load(half.words, counter) !== half.peer || (Atomics.load(half.words, STATE) & states) !== 0;
}

/**
 * Sets `bit` of the state and wakes all parked threads, unless one of the bits `unless` is set. Returns whether the bit was
 * set by this call.
 */
export function close(words: Int32Array, bit: number, unless: number): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    if ((state & unless) !== 0) return false;
    if (Atomics.compareExchange(words, STATE, state, state | bit) === state) break;
  }
  // A thread that has announced itself but is not parked yet will find the word changed and not park.
  Atomics.store(words, READER_SLEEPS, 0);
  Atomics.store(words, WRITER_SLEEPS, 0);
  for (const word of [STATE, READER_SLEEPS, WRITER_SLEEPS]) Atomics.notify(words, word);
  return true;
}
