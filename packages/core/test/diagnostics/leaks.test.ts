import { expect, test } from "vitest";
import { run } from "../support/child.ts";
import { expectedLeaks } from "./expected-leaks.ts";

// Red when: a loss is reported after its pipe is over, twice, without the waiting operation, or not at all.
test("watch({ onLeak }) reports each way to lose an end, once for each pipe, and immediately while an operation waits [PIPE-029]", async () => {
  const { code, lines, stderr } = await run("lost-ends.ts");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expectedLeaks);
});

// Red when: an end that was closed properly is reported as a leak, or the watch keeps references to finished pipes.
test("watch() reports none of 10,000 pipes that are used and closed, and keeps no reference to them", async () => {
  const { lines, stderr } = await run("watched-memory.ts");
  expect(stderr).toBe("");
  const { bytes, ...rest } = JSON.parse(lines[0] ?? "null") as { bytes: number };
  expect(rest).toEqual({ reports: [], opened: 11_000, closed: 11_000, live: 0 });
  // A watched pipe takes about a kilobyte, so keeping all of them would take ten megabytes.
  expect(bytes).toBeLessThan(1_000_000);
});
