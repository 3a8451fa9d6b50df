import { expect, test } from "vitest";
import { checkReport } from "../src/report/check-report.ts";
import type { Checked } from "../src/runner/check.ts";
import type { Series } from "../src/runner/participant.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";
import type { Measurement } from "../src/targets/target.ts";

const screen = { width: Number.POSITIVE_INFINITY, paint: (_colour: string, text: string) => text };

function series(implementation: string, cost?: number): Series<CostSample> {
  const samples: CostSample[] =
    cost === undefined ? [] : [{ cost, unit: "ns/chunk", steps: 1, elapsedNs: cost }];
  const failed = { failure: "No C compiler on PATH", failureKind: "takes no part" } as const;
  return { implementation, scenario: "transfer", parameters: {}, samples, ...(cost === undefined && failed) };
}

function missed(floorCost: number | undefined): Checked {
  const measurement = (implementation: string): Measurement => ({
    implementation,
    scenario: "transfer",
    parameters: {},
  });
  const floor = series("ordered", floorCost);
  return {
    target: {
      id: "PERF-40",
      work: "64 B, Thread pipe",
      against: "Thread C ring",
      of: [measurement("ours")],
      over: [measurement("ring")],
      atMost: { default: 1.43 },
      floor: [measurement("ordered")],
    },
    atMost: 1.43,
    of: [series("ours", 70)],
    over: [series("ring", 28)],
    floor: [floor],
    ratios: [2.5],
    ratio: { median: 2.5, low: 2.5, high: 2.5 },
    floorRatio: floorCost === undefined ? undefined : { median: 1.86, low: 1.86, high: 1.86 },
    verdict: "missed",
  };
}

// Red when: the floor is not shown, or is shown in place of the ratio.
test("checkReport() shows beside the limit what the platform can do without a pipe", () => {
  const [headings, row] = checkReport([missed(52)], screen).split("\n");
  expect(headings?.trim().split(/\s+/)).toEqual([
    "target",
    "work",
    "against",
    "cost",
    "measured",
    "spread",
    "limit",
    "floor",
    "verdict",
  ]);
  expect(row).toMatch(/ 2\.50x slower .* 1\.43x slower {2}1\.86x slower {2}missed$/);
});

// Red when: a floor that could not be measured fails the target, or the reason is not printed.
test("checkReport() says why there is no floor, and still judges the target", () => {
  const report = checkReport([missed(undefined)], screen);
  expect(report.split("\n")[1]).toMatch(/ 1\.43x slower {9}missed$/);
  expect(report).toContain("ordered takes no part: No C compiler on PATH");
});
