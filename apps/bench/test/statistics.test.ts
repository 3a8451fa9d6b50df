import { describe, expect, test } from "vitest";
import { spread, verdict } from "../src/statistics.ts";

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("spread()", () => {
  // Red when: values are taken in the order of the rounds.
  test("takes values in any order", () => {
    expect(spread([5, 1, 9, 3, 7])).toEqual({ median: 5, low: 1, high: 9 });
  });

  // The tables of order statistics: of 9 values the 2nd and the 8th hold the median with 96.1 %, of 15 the 4th and the 12th
  // with 96.5 %, of 25 the 8th and the 18th with 95.7 %. Of 8 the 2nd and the 7th would hold it with 93.0 % only.
  // Red when: the confidence level of one end is used for both ends, or one value too many is omitted at either end.
  test.each([
    [1, 1, 1],
    [2, 1, 2],
    [7, 1, 7],
    [8, 1, 8],
    [9, 2, 8],
    [15, 4, 12],
    [25, 8, 18],
  ])("holds the median of %i values with at least 95 %% between the values %i and %i", (count, low, high) => {
    expect(spread(upTo(count).toReversed())).toMatchObject({ low, high });
  });
});

describe("verdict()", () => {
  // Red when: only the medians are compared.
  test.each([
    [0.1, 0.3, "met"],
    [0.1, 0.4, "met"],
    [0.3, 0.5, "within noise"],
    [0.4, 0.5, "within noise"],
    [0.41, 0.5, "missed"],
  ] as const)("says of the spread %f to %f against 0.4: %s", (low, high, expected) => {
    expect(verdict({ median: (low + high) / 2, low, high }, 0.4)).toBe(expected);
  });
});
