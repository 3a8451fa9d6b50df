import { Waiter, Waiters } from "../sync/waiters.ts";
import { laterTurn } from "./later-turn.ts";

/*
 * Readers and writers wake each other through promises. The event loop runs all promise callbacks before timers and I/O,
 * so a busy pipe would block both. Therefore all pipes share one budget. When it is used up, the next operations to
 * settle are deferred, in order, to a later iteration of the event loop.
 */

/**
 * The most operations that settle between two readings of the clock, each of which costs 40 ns. Sixteen consumers that
 * take 2 ms each, plus one slice, stay below the 50 ms by which a timer may be late (PIPE-040).
 */
const MOST_OPERATIONS = 16;
/** The same limit at the start of a slice, when it is not known how long the callers' code takes. */
const FIRST_OPERATIONS = 4;
/** The intended time between two readings of the clock. It is longer if a single operation takes longer. */
const LOOK_MS = 2;
/** After a gap of this length it is not known whether callers were busy or the pipes were idle. */
const PAUSE_MS = 100;
/** Number of bytes that count as one more operation, as a power of two: 1 MiB, which takes about 0.1 ms to copy. */
const OPERATION_BITS = 20;
/**
 * Time during which operations settle at once, before timers and I/O run: most of a frame at 60 Hz, and a fourth of the
 * permitted delay of a timer. With 4 ms, more operations were deferred and 10,000 concurrent pipes took a third longer.
 */
const SLICE_MS = 12;

/** Read when the module loads, so that a test's fake clock does not stop the budget. */
const clock = Date.now;
const origin = clock();

/** Milliseconds as a small integer, which V8 stores without an allocation. It wraps after 24 days; differences stay right. */
function now(): number {
  return (clock() - origin) | 0;
}

/** Operations between two readings of the clock. {@link look} doubles it while operations are fast, else shortens it. */
let stride = FIRST_OPERATIONS;
/** Upper bound of {@link stride} in this slice. It doubles once per slice, because slow callers are likely to come again. */
let longest = MOST_OPERATIONS;
/** Operations left until the next reading of the clock. */
let credit = FIRST_OPERATIONS;
/** The same for writes. Most writes pair with a read, so a common credit would run out twice as often. */
let writeCredit = FIRST_OPERATIONS;
let sliceBegan = now();
let lookedAt = sliceBegan;
/** Whether the slice is over, and a later iteration of the event loop is scheduled to begin the next one. */
let exhausted = false;
/**
 * Whether operations have settled whose callers may not have run yet. One call can settle the operations of a thousand
 * callers, and the clock cannot measure these before they run. Set only while the stride is short.
 */
let callersDue = false;

/** Operations that are done but not yet settled, in the order in which they were done. */
const postponed = new Waiters();
/** Whether a microtask is scheduled that settles some of them. */
let releasing = false;
const microtask: Promise<void> = Promise.resolve();

/** Charges one operation of `bytes` bytes to the budget, and returns whether it may settle now. */
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
 * As {@link spend} with 0 bytes, for a call that returns its result instead of a promise. Its caller has run when it calls again, so even with
 * a short stride no microtask must run between two readings of the clock.
 */
export function spendAtOnce(): boolean {
  credit -= 1;
  return credit > 0 || (!exhausted && !callersDue && look());
}

/** Charges a call that cannot be deferred, because it returns no promise. */
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

/** Reads the clock. Renews the credit and returns true while the slice lasts; otherwise ends the slice and returns false. */
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

/** Skips one iteration after a long slice: if the slice ended in the timers phase, due timers run only in the second one. */
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

/**
 * Resumes `done` in a later iteration of the event loop if the budget is used up, else one microtask later. Deferred
 * operations resume in order.
 */
export function postpone(done: Waiter): void {
  postponed.add(done);
  if (!exhausted) releaseSoon();
}

/** Whether any operation is deferred. Operations that are done later must then be deferred too, to keep the order. */
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

/** Resumes the first deferred operations. The rest follow after the callers of these have run, if the slice lasts. */
function release(): void {
  for (let count = 0; count < stride; count += 1) {
    const next = postponed.shift();
    if (next === undefined) return;
    next.resume();
  }
  if (postponed.first !== undefined && look()) releaseSoon();
}

/** Returns a promise of `value` for a finished operation of `bytes` bytes. It is fulfilled later if the budget is used up. */
export function settled<T>(value: T, bytes: number): Promise<T> {
  return spend(bytes) ? Promise.resolve(value) : postponedValue(value);
}

/** As {@link settled}, for a write of `value` bytes. */
export function settledWrite(value: number): Promise<number> {
  return spendOnWrite(value) ? Promise.resolve(value) : postponedValue(value);
}

/** Returns a promise that rejects with `reason`: now, or later if the budget is used up. */
export function rejected(reason: unknown): Promise<never> {
  if (spend(0)) return Promise.reject(reason);
  return new Promise((_, reject) => postpone(new Postponed(() => reject(reason))));
}

/** A separate function, because a function that contains a closure is slower even on calls that do not create it. */
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
 * Charges one operation of `bytes` bytes to the budget, for a loop whose steps are not operations of a pipe. Returns
 * `undefined` if the loop may go on at once, else a promise that resolves when it may.
 */
export function fairTurn(bytes: number): Promise<void> | undefined {
  return spend(bytes) ? undefined : new Promise(later);
}

/** Calls `callback` after all deferred operations: one microtask later, or in a later iteration of the event loop. */
export function later(callback: () => void): void {
  postpone(new Postponed(callback));
}
