import { Waiter, Waiters } from "../sync/waiters.ts";
import { laterTurn } from "./later-turn.ts";

/*
 * Code that writes and code that reads wake each other through promises, and promises go before timers and I/O: as long
 * as bytes flow, nothing else of the program would run. So all pipes together draw on one budget. When it is used up,
 * whatever settles next, in any pipe, is postponed to a later turn of the event loop, behind what has waited there.
 */

/** How many settled operations pass before the clock is asked. */
const OPERATIONS = 1024;
/** Bytes that count as one more operation, as a power of two: 4 KiB, so that 4 MiB use up the credit alone. */
const OPERATION_BITS = 12;
/**
 * How long operations may go on settling at once before timers and I/O get their turn: most of a frame of 60 Hz, and a fourth
 * of what a timer may be late (PIPE-040). Shorter slices postpone more: with 4 ms, 10,000 pipes at once took a third longer.
 */
const SLICE_MS = 12;
/** How many postponed operations are let go at once. Between two batches their callers run, and the clock is asked. */
const BATCH = 64;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const now = Date.now;

/** What is left of the budget, in operations. Lowered by {@link spend}; renewed while the slice lasts, and with each new slice. */
let credit = OPERATIONS;
let sliceBegan = now();
/** Whether the slice is over and a later turn on its way that begins the next one. */
let exhausted = false;

/** Those that are done and whose callers hear of it later, in the order in which they were done. */
const postponed = new Waiters();
/** Whether a microtask is on its way that lets some of them go. */
let releasing = false;
const microtask: Promise<void> = Promise.resolve();

/** Draws one operation of so many bytes from the budget, and returns whether it may settle now. */
export function spend(bytes: number): boolean {
  credit -= 1 + (bytes >>> OPERATION_BITS);
  return credit > 0 || renew();
}

function renew(): boolean {
  if (exhausted || endSlice()) return false;
  credit = OPERATIONS;
  return true;
}

/** Ends the slice if its time is over, and returns whether it is. */
function endSlice(): boolean {
  const elapsed = now() - sliceBegan;
  if (elapsed >= 0 && elapsed < SLICE_MS) return false;
  exhausted = true;
  laterTurn(beginSlice);
  return true;
}

function beginSlice(): void {
  exhausted = false;
  credit = OPERATIONS;
  sliceBegan = now();
  release();
}

/** Resumes `done` in the later turn if the budget is used up, else one microtask later; never before those postponed earlier. */
export function postpone(done: Waiter): void {
  postponed.add(done);
  if (!exhausted) releaseSoon();
}

/** Whether anything is postponed: what settles now goes behind it. */
export function isAnyPostponed(): boolean {
  return postponed.first !== undefined;
}

function releaseSoon(): void {
  if (releasing) return;
  releasing = true;
  void microtask.then(() => {
    releasing = false;
    if (!exhausted) release();
  });
}

/** Lets the first of the postponed go. The others follow when the callers of these have run, if the slice lasts. */
function release(): void {
  for (let count = 0; count < BATCH; count += 1) {
    const next = postponed.shift();
    if (next === undefined) return;
    next.resume();
  }
  if (postponed.first !== undefined && !endSlice()) releaseSoon();
}

/** A promise of `value`, for an operation of so many bytes that is done: fulfilled now, or later where the budget is used up. */
export function settled<T>(value: T, bytes: number): Promise<T> {
  if (spend(bytes)) return Promise.resolve(value);
  return new Promise((resolve) => postpone(new Postponed(() => resolve(value))));
}

/** A promise that is rejected with `reason`: now, or later where the budget is used up. */
export function rejected(reason: unknown): Promise<never> {
  if (spend(0)) return Promise.reject(reason);
  return new Promise((_, reject) => postpone(new Postponed(() => reject(reason))));
}

class Postponed extends Waiter {
  readonly #settle: () => void;

  constructor(settle: () => void) {
    super();
    this.#settle = settle;
  }

  resume(): void {
    this.#settle();
  }
}

/**
 * Draws one operation of so many bytes from the budget, for a loop whose steps are no operations of a pipe: `undefined` where it
 * may go on at once, else a promise that resolves when its turn comes.
 */
export function fairTurn(bytes: number): Promise<void> | undefined {
  return spend(bytes) ? undefined : new Promise(later);
}

/** Calls `callback` as soon as the budget allows, after those that wait already: one microtask later, or in a later iteration of the event loop. */
export function later(callback: () => void): void {
  postpone(new Postponed(callback));
}
