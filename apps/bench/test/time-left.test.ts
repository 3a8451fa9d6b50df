import { describe, expect, test } from "vitest";
import { TimeLeft } from "../src/report/time-left.ts";

/** The reported time left after each step, divided by the actual time left. */
function accuracy(slowness: (part: number) => number, pace: number): number[] {
  const steps = 400;
  const stepMs = 500;
  const times = Array.from({ length: steps }, (_, step) => stepMs * slowness(step / steps));
  const left = new TimeLeft({ workMs: steps * stepMs, roomMs: 0 }, 0, pace);
  let nowMs = 0;
  return times.map((time, step) => {
    nowMs += time;
    left.advance(stepMs, nowMs);
    const reallyMs = times.slice(step + 1).reduce((sum, more) => sum + more, 0);
    return left.leftMs / reallyMs;
  });
}

describe("TimeLeft", () => {
  // Red when: the plan is used although everything takes longer, or the pace of the first seconds is kept forever.
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

  // Red when: all observations count equally, or the time of additional rounds counts as slowness.
  test("follows a machine that becomes busy, and omits the time of additional rounds", () => {
    const left = new TimeLeft({ workMs: 200_000, roomMs: 10_000 }, 0, 1);
    let nowMs = 0;
    const work = (steps: number, stepMs: number) => {
      for (let step = 0; step < steps; step++) left.advance(1000, (nowMs += stepMs));
    };
    work(100, 1000);
    work(40, 3000);
    expect(left.leftMs / 180_000).toBeCloseTo(1, 0);
    expect(left.leftMs).toBeGreaterThan(140_000);
    const before = left.leftMs;
    left.release(10_000, (nowMs += 60_000));
    work(1, 3000);
    expect(left.leftMs / before).toBeCloseTo(1, 1);
  });

  // Red when: time that is reserved for additional rounds counts in full, is added to slow work, or changes the pace.
  test("reserves time for additional rounds if the work is done in time", () => {
    const left = new TimeLeft({ workMs: 100_000, roomMs: 20_000 }, 0, 1);
    expect(left.leftMs).toBe(110_000);
    left.release(10_000, 10_000);
    expect(left.leftMs).toBe(105_000);
    for (let step = 1; step <= 50; step++) left.advance(1000, 10_000 + step * 3000);
    expect(left.leftMs / 150_000).toBeCloseTo(1, 1);
  });
});
