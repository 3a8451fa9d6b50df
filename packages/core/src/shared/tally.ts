/*
 * A condition in one word: how many calls wait, how many notifications were given and not yet taken, and the number of the last
 * notification. Plain functions over atomic operations, checked as those of protocol.ts are.
 *
 * A call joins while it still has the mutex. From then on a notification counts it, whether it sleeps already or not. A notification turns
 * waiting calls into taken turns in one step, so it knows how many; then it wakes all sleepers, and as many as it counted take a turn.
 */

const BITS = 12;
const WAITING: number = (1 << BITS) - 1;
/** A notification that no call has taken yet. */
const TURN: number = 1 << BITS;
const TURNS: number = WAITING << BITS;
const NUMBER: number = 1 << (2 * BITS);
/** The sign bit stays clear, so that no value of the word is {@link NOTIFIED}. */
const NUMBERS: number = 0x7f000000;

/** How many calls can wait at one condition. */
export const MOST_WAITING: number = WAITING;
/** Instead of a value to sleep on: the call was notified. */
export const NOTIFIED = -1;

/** Counts a call among those that wait. Returns the word as it is then, or -1 where it can count no more. */
export function join(words: Int32Array, word: number): number {
  for (;;) {
    const value = Atomics.load(words, word);
    if ((value & WAITING) + ((value & TURNS) >>> BITS) === WAITING) return -1;
    if (Atomics.compareExchange(words, word, value, value + 1) === value) return value + 1;
  }
}

/**
 * Takes a turn if the call was notified: returns {@link NOTIFIED}, or the value of the word to sleep on.
 *
 * @param joined What {@link join} returned.
 * @param woken Whether the call slept and was woken.
 */
export function takeTurn(words: Int32Array, word: number, joined: number, woken: boolean): number {
  for (;;) {
    const value = Atomics.load(words, word);
    if (!mayTake(value, joined, woken)) return value;
    if (Atomics.compareExchange(words, word, value, value - TURN) === value) return NOTIFIED;
  }
}

/** Ends a wait for another reason. Returns whether the call was notified before that: then it has taken its turn. */
export function leave(words: Int32Array, word: number, joined: number, woken: boolean): boolean {
  for (;;) {
    const value = Atomics.load(words, word);
    const isNotified = mayTake(value, joined, woken) || (value & WAITING) === 0;
    if (Atomics.compareExchange(words, word, value, value - (isNotified ? TURN : 1)) === value)
      return isNotified;
  }
}

/** Turns that were open when a call joined belong to calls before it, until there is a new notification. */
function mayTake(value: number, joined: number, woken: boolean): boolean {
  const isMine = woken || (joined & TURNS) === 0 || ((value ^ joined) & NUMBERS) !== 0;
  return (value & TURNS) !== 0 && isMine;
}

/** Notifies up to `count` of the calls that wait, and returns how many. */
export function notifyWaiting(words: Int32Array, word: number, count: number): number {
  for (;;) {
    const value = Atomics.load(words, word);
    const notified = Math.min(count, value & WAITING);
    if (notified === 0) return 0;
    const number = (value + NUMBER) & NUMBERS;
    const next = number | ((value & ~NUMBERS) + notified * (TURN - 1));
    if (Atomics.compareExchange(words, word, value, next) !== value) continue;
    // All are woken, as the one that has slept longest may be dead, or be a promise of a thread that blocks.
    Atomics.notify(words, word);
    return notified;
  }
}
