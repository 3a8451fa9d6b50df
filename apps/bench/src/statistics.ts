import { binomialDistribution, median } from "simple-statistics";

export { median };

/** The median of some values, and how sure it is. */
export interface Spread {
  readonly median: number;
  /** With `high`: the 95 % confidence interval of the median. Fewer than 6 values give the range of all. */
  readonly low: number;
  readonly high: number;
}

const MOST_DOUBT = 0.05;

/**
 * The median with its confidence interval by order statistics, which assume nothing of how the values are distributed:
 * the true median is below the k-th smallest of n values as often as n tossed coins show fewer than k heads.
 */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const heads = binomialDistribution(sorted.length, 0.5) ?? [];
  // As many values are left out at either end as the doubt allows.
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

/** How wide an interval is, as a part of its median: 0.2 is a fifth, or a tenth to either side. */
export function width({ median: middle, low, high }: Spread): number {
  return (high - low) / middle;
}

/** What the ratio of two times says about the first of them. */
export type Standing = "faster" | "slower" | "as fast" | "unclear";

/** An interval that reaches no further than this from 1, to either side, means as fast. */
const AS_FAST = 1.25;

/** Faster or slower only where the whole interval is on one side of 1; where it is on both and wide, nobody knows. */
export function standing({ low, high }: Spread): Standing {
  if (high < 1) return "faster";
  if (low > 1) return "slower";
  return low >= 1 / AS_FAST && high <= AS_FAST ? "as fast" : "unclear";
}

/** What a spread says about a limit. */
export type Verdict = "met" | "missed" | "within noise";

/** Met or missed only where the whole spread is on one side of the limit. */
export function verdict({ low, high }: Spread, atMost: number): Verdict {
  if (high <= atMost) return "met";
  return low > atMost ? "missed" : "within noise";
}
