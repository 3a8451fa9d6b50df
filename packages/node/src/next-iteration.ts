/** Calls back in the next iteration of the event loop. Taken at load, so that a test's fake timers cannot stop it. */
export const nextIteration: typeof setImmediate = setImmediate;
