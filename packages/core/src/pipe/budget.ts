import { Waiter, Waiters } from "../sync/waiters.ts";
import { laterTurn } from "./later-turn.ts";

/*
 * Code that writes and code that reads wake each other through promises, and promises go before timers and I/O: as long
 * as bytes flow, nothing else of the program would run. So all pipes together draw on one budget. When it is used up,
 * whatever settles next, in any pipe, is postponed to a later turn of the event loop, behind what has waited there.
 */

/**
 * The most operations that settle between two looks at the clock, which costs 40 ns. A consumer may begin to work for 2 ms on each chunk at any
 * time: sixteen of these and a slice are less than the 50 ms that a timer may be late (PIPE-040).
 */
const MOST_OPERATIONS = 16;
/** As many in the beginning of a slice, when nothing is known about how long the callers work. */
const FIRST_OPERATIONS = 4;
/** The clock is to be looked at this often, as far as one operation at a time allows. */
const LOOK_MS = 2;
/** After so long it is not known whether callers worked or nothing was to do. */
const PAUSE_MS = 100;
/** Bytes that count as one more operation, as a power of two: 1 MiB, which takes about 0.1 ms to copy. */
const OPERATION_BITS = 20;
/**
 * How long operations may go on settling at once before timers and I/O get their turn: most of a frame of 60 Hz, and a fourth
 * of what a timer may be late. Shorter slices postpone more: with 4 ms, 10,000 pipes at once took a third longer.
 */
const SLICE_MS = 12;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const clock = Date.now;
const origin = clock();

/** Milliseconds as a small integer, which costs no memory to keep. It begins anew after 24 days; differences hold. */
function now(): number {
  return (clock() - origin) | 0;
}

/** Operations until the next look at the clock. Doubled by {@link look} while they are cheap, and shortened when they took long. */
let stride = FIRST_OPERATIONS;
/** The most that {@link stride} becomes in this slice. Callers of which some are slow are met again: it doubles only from slice to slice. */
let longest = MOST_OPERATIONS;
/** What is left of {@link stride}. Lowered by {@link spend}; renewed by {@link look}, and with each new slice. */
let credit = FIRST_OPERATIONS;
/** The same for writes. Most of them go with a read, so that one credit for both would run out twice as often. */
let writeCredit = FIRST_OPERATIONS;
let sliceBegan = now();
let lookedAt = sliceBegan;
/** Whether the slice is over and a later turn on its way that begins the next one. */
let exhausted = false;
/**
 * Whether callers may not have run yet of operations that settled before the last look. One call can settle operations of a thousand
 * callers, and the clock says nothing about them before they have run. Only noted while the stride is short: cheap callers may be many.
 */
let callersDue = false;

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

/** As {@link spend}, for a write. */
export function spendOnWrite(bytes: number): boolean {
  writeCredit -= 1 + (bytes >>> OPERATION_BITS);
  return writeCredit > 0 || renew();
}

/**
 * As {@link spend} of no bytes, for a call that returns its result instead of a promise. Its caller has run when it calls again, so the clock
 * is enough: while the stride is short, there is no microtask to wait for between two looks.
 */
export function spendAtOnce(): boolean {
  credit -= 1;
  return credit > 0 || (!exhausted && !callersDue && look());
}

/** Draws a call from the budget that cannot be postponed, since it has no promise. */
export function charge(): void {
  credit -= 1;
}

/** As {@link charge}, for a write. */
export function chargeWrite(): void {
  writeCredit -= 1;
}

function renew(): boolean {
  if (exhausted || callersDue || !look()) return false;
  if (stride < MOST_OPERATIONS) {
    callersDue = true;
    void microtask.then(noteCallersRan);
  }
  return true;
}

function noteCallersRan(): void {
  callersDue = false;
}

/** Looks at the clock: renews the credit while the slice lasts, else ends it. Returns whether it lasts. */
function look(): boolean {
  const at = now();
  const tookMs = (at - lookedAt) | 0;
  const elapsed = (at - sliceBegan) | 0;
  lookedAt = at;
  if (tookMs <= LOOK_MS) stride = Math.min(2 * stride, longest);
  else
    longest = stride =
      tookMs > PAUSE_MS ? FIRST_OPERATIONS : Math.max(Math.floor((stride * LOOK_MS) / tookMs), 1);
  if (elapsed >= 0 && elapsed < SLICE_MS) {
    credit = writeCredit = stride;
    return true;
  }
  exhausted = true;
  laterTurn(elapsed < 2 * SLICE_MS ? beginSlice : beginSliceLater);
  return false;
}

/** Leaves out a turn after a long slice: timers that are due come only in the second one where the slice ended among timers. */
function beginSliceLater(): void {
  laterTurn(beginSlice);
}

function beginSlice(): void {
  exhausted = false;
  longest = Math.min(2 * longest, MOST_OPERATIONS);
  stride = Math.min(longest, FIRST_OPERATIONS);
  credit = writeCredit = stride;
  sliceBegan = lookedAt = now();
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
  for (let count = 0; count < stride; count += 1) {
    const next = postponed.shift();
    if (next === undefined) return;
    next.resume();
  }
  if (postponed.first !== undefined && look()) releaseSoon();
}

/** A promise of `value`, for an operation of so many bytes that is done: fulfilled now, or later where the budget is used up. */
export function settled<T>(value: T, bytes: number): Promise<T> {
  return spend(bytes) ? Promise.resolve(value) : postponedValue(value);
}

/** As {@link settled}, for a write of `value` bytes. */
export function settledWrite(value: number): Promise<number> {
  return spendOnWrite(value) ? Promise.resolve(value) : postponedValue(value);
}

/** A promise that is rejected with `reason`: now, or later where the budget is used up. */
export function rejected(reason: unknown): Promise<never> {
  if (spend(0)) return Promise.reject(reason);
  return new Promise((_, reject) => postpone(new Postponed(() => reject(reason))));
}

/** In a function of its own: one that makes a closure costs more at each call, also where it makes none. */
function postponedValue<T>(value: T): Promise<T> {
  return new Promise((resolve) => postpone(new Postponed(() => resolve(value))));
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
