/*
 * Streams call each other back through promises and ticks, and those go before timers and I/O: as long as bytes flow,
 * nothing else of the program would run. So all streams together draw on one budget. When it is used up, whoever goes
 * on next waits for a later turn of the event loop, and those that wait go on one after the other.
 */

/** How many operations pass before the clock is asked. */
const OPERATIONS = 256;
/** Bytes that count as one more operation, as a power of two: 16 KiB. */
const OPERATION_BITS = 14;
/** How long streams may go on before timers and I/O get their turn: a fourth of what a timer may be late (PIPE-040). */
const SLICE_MS = 12;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const { now } = Date;
const nextTurn = setImmediate;

let credit = OPERATIONS;
let sliceBegan = now();
/** Whether the slice is over, and the turn that begins the next one on its way. */
let isOver = false;
const waiting: Array<() => void> = [];
const microtask: Promise<void> = Promise.resolve();

/** Counts one operation of so many bytes, and returns whether to go on by {@link laterTurn}. */
export function isTurnOver(bytes: number): boolean {
  credit -= 1 + (bytes >>> OPERATION_BITS);
  return isOver || (credit <= 0 && endSlice());
}

/** Calls back in a later turn of the event loop, behind those that wait for one already. */
export function laterTurn(callback: () => void): void {
  if (waiting.push(callback) === 1) nextTurn(beginSlice);
}

/** Ends the slice if its time is over, and returns whether it is. */
function endSlice(): boolean {
  credit = OPERATIONS;
  const elapsed = now() - sliceBegan;
  isOver = elapsed < 0 || elapsed >= SLICE_MS;
  return isOver;
}

function beginSlice(): void {
  isOver = false;
  credit = OPERATIONS;
  sliceBegan = now();
  letNextGoOn();
}

/** One goes on. The next one follows when what comes of that is done, if the slice lasts. */
function letNextGoOn(): void {
  const goOn = waiting.shift();
  if (waiting.length > 0) void microtask.then(() => process.nextTick(letOthersGoOn)); // Behind all promises.
  goOn?.();
}

function letOthersGoOn(): void {
  if (endSlice()) nextTurn(beginSlice);
  else letNextGoOn();
}
