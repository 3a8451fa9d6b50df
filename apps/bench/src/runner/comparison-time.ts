import { type ComparisonPlan, type Durations, fieldOf, shortened } from "./comparison-plan.ts";
import type { Planned } from "./watch.ts";

/** A side that is notified when the other one leaves settles within this time. */
const CANCEL_MS = 100;

/** How much longer than its minimum a warm-up takes on average, until costs are steady. */
const EXTRA_WARM_UP_MS = 120;

/** About how long a comparison will take. */
export function comparisonMs(plan: ComparisonPlan): Planned {
  const { implementations, chunkSizesBytes, scenarios } = plan;
  const transfersMs = chunkSizesBytes.map(
    (bytes) => fieldOf(implementations, bytes).length * inRoundsMs(plan),
  );
  const each = scenarios.map((name) => {
    if (name === "transfer") return 0;
    if (name === "file" || name === "stall" || name === "timer" || name === "cancel")
      return single(plan, name).plannedMs;
    return inRoundsMs(shortened(plan));
  });
  const transfers = scenarios.includes("transfer");
  return {
    workMs: sum(each) * implementations.length + (transfers ? sum(transfersMs) : 0),
    roomMs: transfers ? plan.prolongMs * chunkSizesBytes.length : 0,
  };
}

/** The time of one sample, and its time with everything around it. */
export interface Single {
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The average if two are measured at the same time. */
  readonly plannedMs: number;
}

export function single(
  { startMs, warmUpMs, stallMs, timerMs, chunkSizesBytes }: ComparisonPlan,
  name: "file" | "stall" | "timer" | "cancel",
): Single {
  const stalledMs = (stallMs * chunkSizesBytes.length) / 2;
  return {
    file: { warmUpMs: 0, measureMs: 0, plannedMs: startMs },
    stall: { warmUpMs: 0, measureMs: stallMs, plannedMs: startMs + stalledMs },
    timer: { warmUpMs, measureMs: timerMs, plannedMs: readyMs(startMs, warmUpMs) + timerMs },
    // Most sides settle at once.
    cancel: { warmUpMs: 0, measureMs: CANCEL_MS, plannedMs: startMs + CANCEL_MS / 8 },
  }[name];
}

/** The rounds of one implementation, without additional ones. */
export function inRoundsMs({ rounds, processes, startMs, warmUpMs, measureMs }: Durations): number {
  return Math.min(processes, rounds) * readyMs(startMs, warmUpMs) + rounds * roundMs(measureMs);
}

/** Two implementations get ready at the same time. */
export function readyMs(startMs: number, warmUpMs: number): number {
  return startMs + (warmUpMs + EXTRA_WARM_UP_MS) / 2;
}

/** Includes the run-up before each measurement. */
export function roundMs(measureMs: number): number {
  return measureMs * 1.2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
