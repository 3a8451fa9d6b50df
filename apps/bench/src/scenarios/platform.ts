// What scenarios ask of what they run in: Node, what takes its place, or a page of a browser.

/** A page has no process, and nothing that counts its memory. */
const inPage = typeof process === "undefined";

/**
 * Processor time that this process has used, in ms. `undefined` in a page, which does not know it, and on Windows, which counts in
 * steps of 16 ms.
 */
function cpuMs(): number | undefined {
  if (inPage || process.platform === "win32") return undefined;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Starts a stopwatch. It returns the time since then in ns, without what the process spent waiting for a processor, which other
 * programs may have had: on a busy machine that, and not the implementation, would decide.
 *
 * @param wallClock Counts all time, for work that sleeps between its steps and so uses no processor.
 */
export function stopwatch(wallClock = false): () => number {
  const startedMs = performance.now();
  const startedCpuMs = wallClock ? undefined : cpuMs();
  return () => {
    const elapsedMs = performance.now() - startedMs;
    const usedMs = (startedCpuMs === undefined ? undefined : cpuMs()) ?? Number.POSITIVE_INFINITY;
    return Math.min(elapsedMs, usedMs - (startedCpuMs ?? 0)) * 1e6;
  };
}

/** Resolves once this process has used so much processor time for turns of the event loop; in a page, after so long. */
export async function turnsFor(milliseconds: number): Promise<void> {
  const clock = () => cpuMs() ?? performance.now();
  for (const end = clock() + milliseconds; clock() < end; ) await turn();
}

/** Resolves after so long. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves when the event loop has gone round, as soon as that can be. */
export const turn: () => Promise<void> = inPage ? turnOfPage() : turnOfNode;

function turnOfNode(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Timers of a page take 4 ms, messages take a turn. */
function turnOfPage(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  (port1 as { onmessage?: () => void }).onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

/** Calls back for each error and rejection that nobody has caught, until what it returns is called. */
export function watchUncaught(listener: () => void): () => void {
  if (!inPage) {
    process.on("unhandledRejection", listener).on("uncaughtException", listener);
    return () => process.off("unhandledRejection", listener).off("uncaughtException", listener);
  }
  const page = globalThis as unknown as EventTarget;
  const events = ["unhandledrejection", "error"];
  for (const event of events) page.addEventListener(event, listener);
  return () => {
    for (const event of events) page.removeEventListener(event, listener);
  };
}

/** Bytes in use after a collection. */
export function usedMemory(): number {
  if (inPage) throw new Error("It takes no part: a page is not told what it holds");
  if (globalThis.gc === undefined)
    throw new Error("Memory is measured after a collection: run with --expose-gc");
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
