import { describe, expect, test } from "vitest";
import { Pace } from "../src/scenarios/pace.ts";
import { stopwatch } from "../src/scenarios/platform.ts";

/** Warms up for 100 ms. The steps of each run cost the given times in ns; the last cost applies to all further runs. */
async function warmedUp(costs: readonly number[]): Promise<{ runs: number; ms: number; steps: number }> {
  let nowMs = 0;
  let runs = 0;
  const pace = new Pace(() => nowMs);
  await pace.warmUp(100, (steps) => {
    const elapsedNs = (costs[Math.min(runs, costs.length - 1)] ?? 0) * steps;
    runs += 1;
    nowMs += elapsedNs / 1e6;
    return Promise.resolve(elapsedNs);
  });
  return { runs, ms: nowMs, steps: pace.steps(1) };
}

/** With this cost, 64 steps take 16 ms, more than an eighth of the warm-up. */
const LONG = 250_000;

describe("Pace.warmUp()", () => {
  // Red when: the warm-up ends while costs still fall, or continues although they no longer fall.
  test("ends when the last three runs are hardly faster than the three before", async () => {
    expect(await warmedUp([LONG])).toMatchObject({ runs: 7 });
    const falling = [2, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1].map((times) => times * LONG);
    expect(await warmedUp([...falling, LONG])).toMatchObject({ runs: 14 });
  });

  // Red when: the warm-up never ends if costs always fall.
  test("takes five times its time at most", async () => {
    const falling = Array.from({ length: 1000 }, (_, run) => LONG * 0.98 ** run);
    const { ms } = await warmedUp(falling);
    expect(ms).toBeGreaterThan(499);
    expect(ms).toBeLessThan(520);
  });

  // Red when: one slow run at the end determines how many steps fit into a time.
  test("uses the fastest of the last three runs", async () => {
    const { steps } = await warmedUp([LONG, LONG, LONG, LONG, LONG, LONG, 4 * LONG]);
    expect(steps).toBe(4);
  });
});

describe("stopwatch()", () => {
  // Red when: the time in which the process did not run is counted, or is omitted although the wall clock was requested.
  test.skipIf(process.platform === "win32")("omits the time in which the process did not run", () => {
    const [own, wall] = [stopwatch(), stopwatch(true)];
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    const [ownNs, wallNs] = [own(), wall()];
    expect(wallNs).toBeGreaterThanOrEqual(39e6);
    expect(ownNs).toBeLessThan(wallNs / 2);
  });
});
