import { describe, expect, test } from "vitest";
import { TimeLeft } from "../src/report/time-left.ts";

/** What is said of the time left after each step, over the time that is then really left. */
function accuracy(slowness: (part: number) => number, pace: number): number[] {
  const steps = 400;
  const stepMs = 500;
  const times = Array.from({ length: steps }, (_, step) => stepMs * slowness(step / steps));
  const left = new TimeLeft(steps * stepMs, 0, pace);
  let nowMs = 0;
  return times.map((time, step) => {
    nowMs += time;
    left.advance(stepMs, nowMs);
    const reallyMs = times.slice(step + 1).reduce((sum, more) => sum + more, 0);
    return left.leftMs / reallyMs;
  });
}

describe("TimeLeft", () => {
  // Red when: the plan is believed although everything takes longer, or the pace of the first seconds is kept for ever.
  test.each([
    ["on a quiet machine", () => 1, 1],
    ["where everything takes three times as long", () => 3, 1],
    ["where that was expected", () => 3, 3],
    ["where work is uneven", (part: number) => 2 + Math.sin(part * 200), 2],
  ] as const)("is right within 30 %% %s", (_where, slowness, pace) => {
    const seen = accuracy(slowness, pace);
    const beyond = seen.slice(seen.length / 10, -10).filter((ratio) => ratio < 0.7 || ratio > 1.3);
    expect(beyond).toEqual([]);
  });

  // Red when: what will not be done is counted as done in no time, and so as a sign of speed.
  test("takes work that will not be done off the plan, and keeps the pace", () => {
    const left = new TimeLeft(100_000, 0, 1);
    for (let step = 1; step <= 40; step++) left.advance(1000, step * 2000);
    const before = left.leftMs;
    left.skip(30_000);
    expect(left.leftMs).toBeCloseTo(before / 2, -1);
  });
});
