import { expect, test } from "vitest";
import { limitFor } from "../src/runner/check.ts";
import { scenarios } from "../src/scenarios/scenarios.ts";
import { implementations } from "../src/subjects/implementations.ts";
import { targets } from "../src/targets/targets.ts";

// Red when: a target is removed from the table.
test("targets hold PERF-01 to PERF-09, PERF-20 to PERF-25 and PERF-40 to PERF-47", () => {
  const ranges = [
    [1, 9],
    [20, 25],
    [40, 47],
  ] as const;
  const ids = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `PERF-${String(first + index).padStart(2, "0")}`),
  );
  expect([...new Set(targets.map(({ id }) => id))].toSorted()).toEqual(ids);
});

// Red when: an implementation is renamed but the table is not.
test("targets name existing implementations and scenarios", () => {
  const measurements = targets.flatMap(({ of, over, floor = [] }) => [...of, ...over, ...floor]);
  const names = implementations.map(({ name }) => name);
  expect(measurements.filter(({ implementation }) => !names.includes(implementation))).toEqual([]);
  expect(measurements.filter(({ scenario }) => !(scenario in scenarios))).toEqual([]);
});

// Red when: the whole version is looked up, or every Node gets the limit of another one.
test("limitFor() returns the limits of single versions of Node, and of Chromium", () => {
  const limit = { default: 0.5, 26: 0.75 };
  expect(limitFor(limit, "20.20.2")).toBe(0.5);
  expect(limitFor(limit, "26.10.0")).toBe(0.75);
  expect(limitFor(limit, "2.6.0")).toBe(0.5);
  expect(limitFor({ default: 1, 26: 1.1, chromium: 1.2 }, "chromium")).toBe(1.2);
});
