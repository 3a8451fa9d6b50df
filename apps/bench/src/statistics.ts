import { binomialDistribution, median } from "simple-statistics";

export { median };

/** The median of some values, and its confidence interval. */
export interface Spread {
  readonly median: number;
  /** With `high`: the 95 % confidence interval of the median. With fewer than 6 values it is their range. */
  readonly low: number;
  readonly high: number;
}

const MOST_DOUBT = 0.05;

/**
 * The median with its confidence interval by order statistics, which assume no distribution of the values. The true
 * median is below the k-th smallest of n values as often as n coin tosses show fewer than k heads.
 */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const heads = binomialDistribution(sorted.length, 0.5) ?? [];
  // As many values are omitted at either end as the confidence level allows.
  let leftOut = 0;
  let doubt = 2 * (heads[0] ?? 1) + 2 * (heads[1] ?? 1);
  while (doubt <= MOST_DOUBT) {
    leftOut += 1;
    doubt += 2 * (heads[leftOut + 1] ?? 1);
  }
  return {
    median: median(sorted),
    low: sorted[leftOut] as number,
    high: sorted[sorted.length - 1 - leftOut] as number,
  };
}

/** The width of an interval as a part of its median: 0.2 is a fifth, or a tenth to either side. */
export function width({ median: middle, low, high }: Spread): number {
  return (high - low) / middle;
}

/** The verdict on the first of two times, by their ratio. */
export type Standing = "faster" | "slower" | "as fast" | "unclear";

/** If an interval is within this ratio of 1 on both sides, the two are as fast as each other. */
const AS_FAST = 1.25;

/** Faster or slower only if the whole interval is on one side of 1. If it is wide and on both sides, the result is unclear. */
export function standing({ low, high }: Spread): Standing {
  if (high < 1) return "faster";
  if (low > 1) return "slower";
  return low >= 1 / AS_FAST && high <= AS_FAST ? "as fast" : "unclear";
}

/** The verdict on a limit, by a spread. */
export type Verdict = "met" | "missed" | "within noise";

/** Met or missed only if the whole interval is on one side of the limit. */
export function verdict({ low, high }: Spread, atMost: number): Verdict {
  if (high <= atMost) return "met";
  return low > atMost ? "missed" : "within noise";
}
