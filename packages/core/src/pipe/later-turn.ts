/** What platforms have for "later, after timers and I/O had their turn". Each has one of them at least. */
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

/** Calls `callback` in a later turn of the event loop, after timers and I/O that were due had theirs. */
export const laterTurn: (callback: () => void) => void = choose(globalThis as Platform);

/**
 * Calls `callback` as soon as the event loop turns, and once more where two things tell of it. WebKit sends messages through another process: they arrive
 * milliseconds later, behind timers.
 */
export const nextTurn: (callback: () => void) => void = soonest(globalThis as Platform);

// Both are chosen at load, so that a test's fake timers cannot stop the real ones.
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
 * A message to oneself comes without the 4 ms that browsers add to chained calls of `setTimeout`. Each turn takes a channel of its
 * own: Node hands over a thousand messages of one channel in one turn, and an open one would keep the process alive.
 */
function sendThrough({ port1, port2 }: { port1: Port; port2: Port }, callback: () => void): void {
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}
