/*
 * Streams call each other back through promises and ticks, and those go before timers and I/O: as long as bytes flow,
 * nothing else of the program would run. So all streams together draw on one budget. When it is used up, whoever
 * calls back next waits for a later turn of the event loop.
 */

/** How many operations pass before the clock is asked. */
const OPERATIONS = 256;
/** Bytes that count as one more operation, as a power of two: 16 KiB. */
const OPERATION_BITS = 14;
/** How long streams may go on before timers and I/O get their turn. */
const SLICE_MS = 4;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const { now } = Date;
const later = setImmediate;

let credit = OPERATIONS;
let sliceBegan = now();
/** Whether the slice is over and the turn on its way that begins the next one. */
let exhausted = false;

/** Counts one operation of so many bytes, and returns whether what comes of it must wait for {@link laterTurn}. */
export function isTurnOver(bytes: number): boolean {
  credit -= 1 + (bytes >>> OPERATION_BITS);
  if (credit > 0 && !exhausted) return false;
  credit = OPERATIONS;
  if (exhausted) return true;
  const elapsed = now() - sliceBegan;
  if (elapsed >= 0 && elapsed < SLICE_MS) return false;
  exhausted = true;
  later(() => {
    exhausted = false;
    sliceBegan = now();
  });
  return true;
}

/** Calls back in a later turn of the event loop, behind what has waited there. */
export function laterTurn(callback: () => void): void {
  later(callback);
}
