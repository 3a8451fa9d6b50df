// The platform functions of the scenarios, for Node, its replacements, and a page of a browser.

/** A page has no process, and cannot count its memory. */
const inPage = typeof process === "undefined";

/**
 * CPU time that this process has used, in ms. `undefined` in a page, which cannot read it, and on Windows, which counts in
 * steps of 16 ms.
 */
function cpuMs(): number | undefined {
  if (inPage || process.platform === "win32") return undefined;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Starts a stopwatch. It returns the time since then in ns, without the time in which the process waited for a processor.
 * On a busy machine, other programs and not the implementation would decide that time.
 *
 * @param wallClock Counts all time, for work that pauses between its steps and so uses no CPU.
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

/** Resolves once this process has used this much CPU time for iterations of the event loop; in a page, after this time. */
export async function turnsFor(milliseconds: number): Promise<void> {
  const clock = () => cpuMs() ?? performance.now();
  for (const end = clock() + milliseconds; clock() < end; ) await turn();
}

/** Resolves after this time. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves in the next iteration of the event loop, as early as possible. */
export const turn: () => Promise<void> = inPage ? turnOfPage() : turnOfNode;

function turnOfNode(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Timers of a page take 4 ms. A message takes one iteration of the event loop. */
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

/** Calls back for each error and rejection that no code has caught, until the returned function is called. */
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
  if (inPage) throw new Error("It takes no part: a page cannot measure its memory");
  if (globalThis.gc === undefined)
    throw new Error("Memory is measured after a collection: run with --expose-gc");
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
