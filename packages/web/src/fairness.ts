/** One in so many attempts, of all streams together, is not made. */
const ATTEMPTS = 32;
let attempts = 0;

/**
 * Whether to try an operation at once, without a promise. Streams settle their promises before any timer, so as long as that
 * succeeds nothing else would run; an operation of a pipe that may wait sees to it that timers have their turn.
 */
export function mayTry(): boolean {
  attempts = (attempts + 1) % ATTEMPTS;
  return attempts !== 0;
}
