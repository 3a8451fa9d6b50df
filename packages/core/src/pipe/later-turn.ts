/** The functions that schedule a macrotask. Every supported platform has at least one of them. */
interface Platform {
  setImmediate?: (callback: () => void) => unknown;
  MessageChannel?: new () => { port1: Port; port2: Port };
  setTimeout?: (callback: () => void, ms: number) => unknown;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Calls `callback` in a later iteration of the event loop, after the timers and I/O that are due. */
export const laterTurn: (callback: () => void) => void = choose(globalThis as Platform);

/**
 * Calls `callback` as early as possible in a later iteration of the event loop. It calls it twice if it schedules both a message and a timer:
 * WebKit sends messages through another process, so they arrive milliseconds later, after timers.
 */
export const nextTurn: (callback: () => void) => void = soonest(globalThis as Platform);

// Chosen when the module loads, so that a test's fake timers do not replace the real ones.
function choose({ setImmediate, MessageChannel, setTimeout }: Platform): (callback: () => void) => void {
  if (setImmediate !== undefined) return (callback) => void setImmediate(callback);
  if (MessageChannel !== undefined) return (callback) => sendThrough(new MessageChannel(), callback);
  return (callback) => void setTimeout?.(callback, 0);
}

function soonest({ setImmediate, setTimeout }: Platform): (callback: () => void) => void {
  if (setImmediate !== undefined || setTimeout === undefined) return laterTurn;
  return (callback) => {
    laterTurn(callback);
    void setTimeout(callback, 0);
  };
}

/**
 * A message avoids the 4 ms that browsers add to nested calls of `setTimeout`. Each call opens its own channel: Node
 * delivers a thousand messages of one channel in one iteration, and an open channel would keep the process alive.
 */
function sendThrough({ port1, port2 }: { port1: Port; port2: Port }, callback: () => void): void {
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}
