import { CAPACITY, HEAD, READER_SLEEPS, STATE, TAIL, WRITER_SLEEPS } from "./layout.ts";
import { copyIn, copyOut } from "./ring.ts";

/*
 * How two threads share a ring and sleep: plain functions over atomic operations, each of which is checked twice. The models
 * in test/models say that the protocol is right; a test runs these very functions in every order that their atomic operations
 * can take.
 *
 * No wake-up is lost, because of an order that both sides keep. Who is to sleep says so (announce), looks again, and then
 * sleeps. Who makes a change makes it first, and looks for sleepers then. Of two such looks one comes second, and sees.
 */

/** One side of the ring, as the thread that has it knows it. Only its owner changes it. */
export interface Half {
  readonly words: Int32Array;
  readonly ring: Uint8Array;
  /** The counter that this side moves: HEAD for the writer, TAIL for the reader. */
  own: number;
  /** The other side's counter as it was when last looked at: what that side has done since is news, never a loss. */
  peer: number;
}

/** Puts in what fits of `bytes[from, to)`, and goes on for as long as the reader makes room. Returns how many bytes that were. */
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

/** How many bytes there are, where fewer than `wanted` were known of. */
export function available(half: Half, wanted: number): number {
  const known = (half.peer - half.own) | 0;
  if (known >= wanted) return known;
  half.peer = Atomics.load(half.words, HEAD);
  return (half.peer - half.own) | 0;
}

/** Takes out what is there, up to `into[from, to)`, and wakes a writer that sleeps until so much is free. */
export function take(half: Half, into: Uint8Array, from: number, to: number): number {
  const count = Math.min(available(half, to - from), to - from);
  if (count === 0) return 0;
  copyOut(half.ring, half.own, into, from, count);
  half.own = (half.own + count) | 0;
  Atomics.store(half.words, TAIL, half.own);
  wakeWriter(half);
  return count;
}

/** Wakes the reader if it sleeps. The writer does so once it is done or has no room, not at every step. */
export function wakeReader(words: Int32Array): void {
  if (Atomics.load(words, READER_SLEEPS) === 0) return;
  if (Atomics.compareExchange(words, READER_SLEEPS, 1, 0) === 1) Atomics.notify(words, READER_SLEEPS);
}

function wakeWriter(half: Half): void {
  const words = half.words;
  for (;;) {
    const need = Atomics.load(words, WRITER_SLEEPS);
    if (need === 0 || CAPACITY - ((Atomics.load(words, HEAD) - half.own) | 0) < need) return;
    if (Atomics.compareExchange(words, WRITER_SLEEPS, need, 0) !== need) continue; // Somebody else needs less, or was woken.
    Atomics.notify(words, WRITER_SLEEPS);
    return;
  }
}

/**
 * Says that somebody is about to sleep on `word` until `need` is there, and returns the value to sleep on. The least need counts
 * where several sleep. A mark that is left behind costs one wake-up for nobody.
 */
export function announce(words: Int32Array, word: number, need: number): number {
  for (;;) {
    const value = Atomics.load(words, word);
    if (value !== 0 && value <= need) return value;
    if (Atomics.compareExchange(words, word, value, need) === value) return need;
  }
}

/** Whether this side, which has just announced that it sleeps, has news all the same: the other's counter, or one of these states. */
export function hasNews(half: Half, counter: typeof HEAD | typeof TAIL, states: number): boolean {
  return Atomics.load(half.words, counter) !== half.peer || (Atomics.load(half.words, STATE) & states) !== 0;
}

/**
 * Sets `bit` of the state unless one of `unless` is set, and wakes everybody, since everybody has to see it. Returns whether it
 * was set.
 */
export function close(words: Int32Array, bit: number, unless: number): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    if ((state & unless) !== 0) return false;
    if (Atomics.compareExchange(words, STATE, state, state | bit) === state) break;
  }
  // Who has announced its sleep and does not sleep yet finds the word changed.
  Atomics.store(words, READER_SLEEPS, 0);
  Atomics.store(words, WRITER_SLEEPS, 0);
  for (const word of [STATE, READER_SLEEPS, WRITER_SLEEPS]) Atomics.notify(words, word);
  return true;
}
