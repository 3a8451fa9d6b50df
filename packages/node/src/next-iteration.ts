/** Calls back in the next iteration of the event loop. Saved at load, so that fake timers in tests do not affect it. */
export const nextIteration: typeof setImmediate = setImmediate;
