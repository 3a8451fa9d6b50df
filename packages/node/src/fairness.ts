import { nextIteration } from "./next-iteration.ts";

/*
 * Streams call each other back through promises and ticks, and those go before timers and I/O: as long as bytes flow, nothing else of the
 * program runs. So all streams together draw on one budget. When it is used up, whatever goes on next waits for a later iteration of
 * the event loop, and what waits goes on one after the other.
 *
 * It is not the budget of the pipes. That one postpones what settles while callers are still to run, which costs a promise nothing. Here it
 * would make a stream buffer the next chunk of a loop that writes several at once, and those are to be delivered within `write()` (NODE-016).
 */

/** The most operations between two looks at the clock: as many consumers that work for 2 ms, and a slice, stay below 50 ms (PIPE-040). */
const MOST_OPERATIONS = 16;
/** The clock is to be looked at this often, as far as one operation at a time allows. */
const LOOK_MS = 2;
/** Bytes that count as one more operation, as a power of two: 256 KiB. */
const OPERATION_BITS = 18;
/** How long streams may go on before timers and I/O get their turn: a fourth of what a timer may be late. */
const SLICE_MS = 12;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const { now } = Date;
const microtask: Promise<void> = Promise.resolve();

/** Operations until the next look at the clock. Doubled by {@link look} while they are cheap, and shortened when they took long. */
let stride = MOST_OPERATIONS;
let credit = 0;
/** When the slice began. There is none until the first operation after the event loop has turned. */
let sliceBegan = 0;
let isSlice = false;
let lookedAt = 0;
/** Whether the slice is over, and the iteration that begins the next one on its way. */
let isOver = false;
const waiting: Array<() => void> = [];

/** Counts one operation of so many bytes, and returns whether to go on by {@link laterTurn}. */
export function isTurnOver(bytes: number): boolean {
  credit -= 1 + (bytes >>> OPERATION_BITS);
  return isOver || (credit <= 0 && look());
}

/** Calls back in a later iteration of the event loop, behind what waits for one already. */
export function laterTurn(callback: () => void): void {
  if (waiting.push(callback) === 1) nextIteration(beginSlice);
}

/** Looks at the clock, and returns whether the slice is over. */
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

/** Begins a slice, which ends by itself when the event loop turns. */
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

/** One goes on. The next one follows when what comes of that is done, if the slice lasts. */
function letNextGoOn(): void {
  const goOn = waiting.shift();
  if (waiting.length > 0) void microtask.then(() => process.nextTick(letOthersGoOn)); // Behind all promises.
  goOn?.();
}

function letOthersGoOn(): void {
  if (look()) nextIteration(beginSlice);
  else letNextGoOn();
}
