import { later } from "@pipe512/core/adapter";
import { nextIteration } from "./next-iteration.ts";

/*
 * Streams call each other back through promises and ticks, which run before timers and I/O. While bytes flow, nothing
 * else in the program would run. So all streams share one budget. When it is used up, the next operations wait for a
 * later iteration of the event loop, and then resume one by one.
 *
 * The budget of the pipes is a separate one. It also postpones promises while their callers are still running. Here
 * that would make a stream buffer chunks of a loop of writes, which must be delivered within `write()` (NODE-016).
 */

/**
 * The maximum number of operations between two checks of the clock. With 2 ms of work for each, plus a slice, timers
 * stay below 50 ms late (PIPE-040).
 */
const MOST_OPERATIONS = 16;
/** The intended interval between two checks of the clock, in ms. One long operation can exceed it. */
const LOOK_MS = 2;
/** The number of bytes that count as one more operation, as a power of two: 256 KiB. */
const OPERATION_BITS = 18;
/** How long streams may run before timers and I/O run, in ms: a quarter of the allowed delay of a timer. */
const SLICE_MS = 12;

/** Saved at load, so that a fake clock in tests does not affect it. */
const { now } = Date;
const microtask: Promise<void> = Promise.resolve();

/**
 * The number of operations until the next check of the clock. {@link look} doubles it while they are fast, and shortens
 * it if they took long.
 */
let stride = MOST_OPERATIONS;
let credit = 0;
/** When the current slice began. A slice begins with the first operation of an iteration of the event loop. */
let sliceBegan = 0;
let isSlice = false;
let lookedAt = 0;
/** Whether the slice is over, and the next one is scheduled. */
let isOver = false;
const waiting: Array<() => void> = [];

/** Counts one operation on `bytes` bytes. If it returns true, the operation must continue by {@link laterTurn}. */
export function isTurnOver(bytes: number): boolean {
  credit -= 1 + (bytes >>> OPERATION_BITS);
  return isOver || (credit <= 0 && look());
}

/** Calls back in a later iteration of the event loop, after the callbacks that already wait. */
export function laterTurn(callback: () => void): void {
  if (waiting.push(callback) === 1) nextIteration(beginSlice);
}

/**
 * Calls back once all consequences of this iteration of the event loop have run, including operations that the budget
 * of the pipes defers. Such an operation resumes in `later()`, and its callers run after that.
 */
export function afterConsequences(callback: () => void): void {
  nextIteration(() => later(() => nextIteration(callback)));
}

/** Checks the clock, and returns whether the slice is over. */
function look(): boolean {
  const at = now();
  if (!isSlice) {
    startClock(at);
    return false;
  }
  const tookMs = at - lookedAt;
  const elapsed = at - sliceBegan;
  lookedAt = at;
  if (tookMs <= LOOK_MS) stride = Math.min(2 * stride, MOST_OPERATIONS);
  else stride = Math.max(Math.floor((stride * LOOK_MS) / tookMs), 1);
  credit = stride;
  if (elapsed < 0) startClock(at);
  isOver = elapsed >= SLICE_MS;
  return isOver;
}

/** Begins a slice, which ends with the current iteration of the event loop at the latest. */
function startClock(at: number): void {
  if (!isSlice) nextIteration(endSlice).unref();
  isSlice = true;
  sliceBegan = at;
  lookedAt = at;
  credit = stride;
}

function endSlice(): void {
  isSlice = isOver;
  credit = 0;
}

function beginSlice(): void {
  isOver = false;
  isSlice = false;
  startClock(now());
  letNextGoOn();
}

/** Resumes one waiting callback. The next one follows when its consequences have run, if the slice is not over. */
function letNextGoOn(): void {
  const goOn = waiting.shift();
  if (waiting.length > 0) void microtask.then(() => process.nextTick(letOthersGoOn)); // After all promises.
  goOn?.();
}

function letOthersGoOn(): void {
  if (look()) nextIteration(beginSlice);
  else letNextGoOn();
}
