interface Usage {
  readonly user: number;
  readonly system: number;
}

const { process, performance } = globalThis as {
  process?: { threadCpuUsage?(): Usage; cpuUsage?(): Usage };
  performance: { now(): number };
};

/** Whether {@link processorMs} counts CPU time, which does not grow on a busy machine. */
export const countsProcessorTime: boolean = process?.cpuUsage !== undefined;

/**
 * CPU time of this thread in milliseconds; only differences are meaningful. If the platform does not measure single threads, that of the process; in a browser,
 * elapsed time.
 */
export function processorMs(): number {
  const usage = process?.threadCpuUsage?.() ?? process?.cpuUsage?.();
  return usage === undefined ? performance.now() : (usage.user + usage.system) / 1000;
}

/** Keeps the thread busy for this long by the clock, because CPU time has ticks of 4 ms on some systems. */
export function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** How much CPU time passes between timers of 10 ms, one after the other. */
export async function timerGaps(timers: number): Promise<number[]> {
  const gapsMs: number[] = [];
  for (let last = processorMs(); gapsMs.length < timers; last = processorMs()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gapsMs.push(Math.round((processorMs() - last) * 10) / 10);
  }
  return gapsMs;
}
