import { Waiter, Waiters } from "../sync/waiters.ts";
import { laterTurn } from "./later-turn.ts";

/*
 * Code that writes and code that reads wake each other through promises, and promises go before timers and I/O: as long
 * as bytes flow, nothing else of the program would run. So all pipes together draw on one budget. When it is used up,
 * whatever settles next, in any pipe, is postponed to a later turn of the event loop, behind what has waited there.
 */

/** How many settled operations pass before the clock is asked. */
const OPERATIONS = 1024;
/** Bytes that count as one more operation, as a power of two: 16 KiB, so that 16 MiB use up the credit alone. */
const OPERATION_BITS = 14;
/** How long operations may go on settling at once before timers and I/O get their turn. */
const SLICE_MS = 4;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const now = Date.now;

/** What is left of the budget, in operations. Lowered by {@link spend}; renewed while the slice lasts and by each later turn. */
let credit = OPERATIONS;
let sliceBegan = now();
/** Whether the slice is over and the later turn on its way. */
let exhausted = false;

/** Those that are done and whose callers hear of it later, in the order in which they were done. */
const postponed = new Waiters();
/** Whether a microtask that lets the postponed go is on its way. */
let releasing = false;
const microtask: Promise<void> = Promise.resolve();

/** Draws one operation of so many bytes from the budget: whether it may settle now. */
export function spend(bytes: number): boolean {
  credit -= 1 + (bytes >>> OPERATION_BITS);
  return credit > 0 || renew();
}

function renew(): boolean {
  if (exhausted) return false;
  const elapsed = now() - sliceBegan;
  if (elapsed >= 0 && elapsed < SLICE_MS) {
    credit = OPERATIONS;
    return true;
  }
  exhausted = true;
  laterTurn(() => {
    exhausted = false;
    credit = OPERATIONS;
    sliceBegan = now();
    release();
  });
  return false;
}

/** Resumes `done` in the later turn if the budget is used up, else one microtask later; never before those postponed earlier. */
export function postpone(done: Waiter): void {
  postponed.add(done);
  if (exhausted || releasing) return;
  releasing = true;
  void microtask.then(() => {
    releasing = false;
    release();
  });
}

/** Whether anything is postponed: what settles now goes behind it. */
export function isAnyPostponed(): boolean {
  return postponed.first !== undefined;
}

function release(): void {
  if (exhausted) return; // The later turn will do it.
  for (let next = postponed.shift(); next !== undefined; next = postponed.shift()) next.resume();
}

/** A promise of `value`, an operation of so many bytes that is done: fulfilled now, or later where the budget is used up. */
export function settled<T>(value: T, bytes: number): Promise<T> {
  if (spend(bytes)) return Promise.resolve(value);
  return new Promise((resolve) => postpone(new Settled(value, resolve)));
}

class Settled<T> extends Waiter {
  readonly #value: T;
  readonly #resolve: (value: T) => void;

  constructor(value: T, resolve: (value: T) => void) {
    super();
    this.#value = value;
    this.#resolve = resolve;
  }

  resume(): void {
    this.#resolve(this.#value);
  }
}
