import { describe, expect, test } from "vitest";
import { Pace } from "../src/scenarios/pace.ts";
import { stopwatch } from "../src/scenarios/platform.ts";

/** Warms up with runs whose steps cost these times in ns, the last for ever; resolves with how many runs there were. */
async function runsOf(costs: readonly number[]): Promise<{ runs: number; steps: number }> {
  const pace = new Pace();
  let runs = 0;
  // No time is asked for, so that only what is seen decides.
  await pace.warmUp(0, (steps) => {
    const cost = costs[Math.min(runs, costs.length - 1)] ?? 0;
    runs += 1;
    return Promise.resolve(cost * steps);
  });
  return { runs, steps: pace.steps(1) };
}

describe("Pace.warmUp()", () => {
  // Red when: it ends while costs still fall, or goes on although they do not.
  test("ends when the last three runs are hardly faster than the three before", async () => {
    expect((await runsOf([100])).runs).toBe(6);
    expect((await runsOf([900, 700, 500, 400, 350, 300, 100])).runs).toBe(10);
  });

  // Red when: one slow run at the end decides how many steps fit into a time.
  test("goes by the fastest of the last three runs", async () => {
    const { steps } = await runsOf([100, 100, 100, 100, 100, 400]);
    expect(steps).toBe(10_000);
  });
});

describe("stopwatch()", () => {
  // Red when: time that the process spent waiting counts, or is left out where the wall clock was asked for.
  test.skipIf(process.platform === "win32")("leaves out the time in which the process did not run", () => {
    const [own, wall] = [stopwatch(), stopwatch(true)];
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    const [ownNs, wallNs] = [own(), wall()];
    expect(wallNs).toBeGreaterThanOrEqual(39e6);
    expect(ownNs).toBeLessThan(wallNs / 2);
  });
});
