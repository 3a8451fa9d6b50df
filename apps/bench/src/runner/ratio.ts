import type { CostSample } from "../scenarios/scenario.ts";
import { type Spread, spread } from "../statistics.ts";
import type { Series } from "./participant.ts";

/**
 * The cost of one divided by the cost of another, as the median of the rounds. Machines drift, so each ratio is taken
 * within one round. A round that only one of the two has finished is omitted.
 */
export function ratioOf(of: Series<CostSample>, over: Series<CostSample>): Spread | undefined {
  if (!isMeasured(of) || !isMeasured(over)) return undefined;
  const rounds = Math.min(of.samples.length, over.samples.length);
  const ratios = Array.from({ length: rounds }, (_, round) => costIn(of, round) / costIn(over, round));
  return spread(ratios);
}

/** Whether a series has a result: a sample, and no failure after it. */
export function isMeasured({ samples, failure }: Series<unknown>): boolean {
  return samples.length > 0 && failure === undefined;
}

function costIn({ samples }: Series<CostSample>, round: number): number {
  return samples[round]?.cost ?? Number.NaN;
}
