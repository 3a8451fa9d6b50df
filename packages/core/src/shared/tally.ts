/*
 * A condition in one word: the number of waiting calls, the number of turns that no call has taken yet, and the number of the
 * last notification. Plain functions over atomic operations, verified in the same way as those of protocol.ts.
 *
 * A call joins while it still holds the mutex, and from then on counts as waiting, even before it parks. A notification
 * converts waiting calls into turns in one atomic step, so their number is exact. Then it wakes all parked calls, and each
 * turn is taken by one of them.
 */

const BITS = 12;
const WAITING: number = (1 << BITS) - 1;
/** One turn: the permission for one waiting call to go on. */
const TURN: number = 1 << BITS;
const TURNS: number = WAITING << BITS;
const NUMBER: number = 1 << (2 * BITS);
/** The sign bit stays clear, so that no value of the word is {@link NOTIFIED}. */
const NUMBERS: number = 0x7f000000;

/** The most calls that can wait at one condition. */
export const MOST_WAITING: number = WAITING;
/** Returned instead of a value to park on: the call was notified. */
export const NOTIFIED = -1;

/** Counts a call as waiting. Returns the new value of the word, or -1 if the maximum is reached. */
export function join(words: Int32Array, word: number): number {
  for (;;) {
    const value = Atomics.load(words, word);
    if ((value & WAITING) + ((value & TURNS) >>> BITS) === WAITING) return -1;
    if (Atomics.compareExchange(words, word, value, value + 1) === value) return value + 1;
  }
}

/**
 * Takes a turn if the call was notified. Returns {@link NOTIFIED}, or the value of the word to park on.
 *
 * @param joined The value that {@link join} returned.
 * @param woken Whether the call was parked and woken.
 */
export function takeTurn(words: Int32Array, word: number, joined: number, woken: boolean): number {
  for (;;) {
    const value = Atomics.load(words, word);
    if (!mayTake(value, joined, woken)) return value;
    if (Atomics.compareExchange(words, word, value, value - TURN) === value) return NOTIFIED;
  }
}

/** Ends a wait for another reason. If the call was notified before, takes its turn and returns true. */
export function leave(words: Int32Array, word: number, joined: number, woken: boolean): boolean {
  for (;;) {
    const value = Atomics.load(words, word);
    const isNotified = mayTake(value, joined, woken) || (value & WAITING) === 0;
    if (Atomics.compareExchange(words, word, value, value - (isNotified ? TURN : 1)) === value)
      return isNotified;
  }
}

/** Whether the call may take a turn. Turns from before it joined belong to earlier calls, until a new notification. */
function mayTake(value: number, joined: number, woken: boolean): boolean {
  const isMine = woken || (joined & TURNS) === 0 || ((value ^ joined) & NUMBERS) !== 0;
  return (value & TURNS) !== 0 && isMine;
}

/** Notifies up to `count` waiting calls, and returns how many. */
export function notifyWaiting(words: Int32Array, word: number, count: number): number {
  for (;;) {
    const value = Atomics.load(words, word);
    const notified = Math.min(count, value & WAITING);
    if (notified === 0) return 0;
    const number = (value + NUMBER) & NUMBERS;
    const next = number | ((value & ~NUMBERS) + notified * (TURN - 1));
    if (Atomics.compareExchange(words, word, value, next) !== value) continue;
    // Wakes all: the call parked longest may belong to a dead thread, or be a promise of a blocked one.
    Atomics.notify(words, word);
    return notified;
  }
}
