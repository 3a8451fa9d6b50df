import fc from "fast-check";
import { expect, test } from "vitest";
import { Play } from "./play.ts";
import { schedules } from "./schedule.ts";

const runs = Number(process.env["PIPE512_RUNS"] ?? 10_000);
const seed = Number(process.env["PIPE512_SEED"] ?? Date.now() | 0);
const path = process.env["PIPE512_PATH"];

// Red when: an aborted write in the queue starts the next one.
test("pipe() keeps its contract over random schedules of writes, reads, aborts and closes [PIPE-001] [PIPE-002] [PIPE-003] [PIPE-005] [PIPE-006] [PIPE-007] [PIPE-015] [PIPE-027] [PIPE-031]", {
  timeout: 120_000,
}, async () => {
  const property = fc.asyncProperty(schedules, (schedule) => new Play(schedule).run(schedule.steps));
  const details = await fc.check(property, { numRuns: runs, seed, ...(path !== undefined && { path }) });
  if (details.failed) {
    const again = `Again: PIPE512_SEED=${details.seed} PIPE512_PATH=${details.counterexamplePath ?? ""}`;
    throw new Error(`${String(details.errorInstance)}\n${fc.defaultReportMessage(details) ?? ""}\n${again}`);
  }
  expect(details.numRuns).toBe(runs);
});
