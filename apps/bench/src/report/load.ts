import { availableParallelism, loadavg } from "node:os";

/** The load of the machine during a run: processes that ran or waited for a processor, the average of a minute. */
export interface Load {
  readonly before: number;
  readonly after: number;
}

/** The load now; 0 on Windows, which does not report one. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

/** `load 4.4 on 2 processors`. */
export function loadInWords(load: number): string {
  const processors = availableParallelism();
  return `load ${load.toFixed(1)} on ${processors} ${processors === 1 ? "processor" : "processors"}`;
}

/** Why a ratio is unclear. A measurement alone keeps one processor busy. */
export function noiseInWords({ before, after }: Load): string {
  return `too noisy to tell (load ${Math.max(before, after).toFixed(1)})`;
}
