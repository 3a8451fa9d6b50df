import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";

// The contract promises a time, so this test measures one: the processor time of the thread, which other load on the machine does not lengthen.
// Where only the transfers run, the test takes the median of several runs, since the engine compiles and collects garbage now and then. Each
// transfer runs in a separate process, which is killed when its timers do not fire.

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;

describe("timers during endless transfers", () => {
  const styles = [
    "await",
    "try",
    "iteration",
    "iteration over given arrays",
    "views",
    "readChunk",
    "ping-pong",
    "many pipes",
    "write and flush",
    "with progress",
    "nothing to write",
    "nothing to read into",
    "reads at the end",
    "writes that fail",
    "reads that are aborted",
  ];
  const cases = [
    ...styles.map((style) => [style, ""] as const),
    ["await", "without setImmediate"] as const,
    ["await", "without setImmediate and MessageChannel"] as const,
  ];

  // Red when: no work is ever deferred to a later iteration of the event loop.
  test.for(cases)(
    "PipeReader and PipeWriter let a 10 ms timer fire within 50 ms: %s %s [PIPE-040]",
    { timeout: 20_000 },
    async ([style, platform]) => {
      const { code, lines, stderr } = await run("transfers.ts", [style, platform], 15_000);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const results = lines.map((line) => JSON.parse(line) as { size: number; firedMs: number[] });
      expect(results.map(({ size }) => size)).toEqual([1, 1 << 20]);
      for (const { firedMs } of results) expect(median(firedMs), firedMs.join(" ")).toBeLessThanOrEqual(50);
    },
  );
});

describe("timers while callers work", () => {
  // Red when: the clock is read only after 1,024 operations; the stride is as long at the beginning of a slice as at its end; 64 deferred callers are
  // resumed at once; or a helper does not use the budget.
  test.for([
    "read",
    "small reads of a long write",
    "long reads",
    "iteration",
    "views",
    "chunks of at most 64 bytes",
    "slow writes",
    "write and flush",
    "tries and waits",
    "writes that fail",
    "fromIterable()",
    "fromIterable() of a slow source of empty items",
    "readAll() over a slow reader that never waits",
    "readFull() over a slow reader that never waits",
    "writeText() to a slow writer that never waits",
    "tryReadLine() and a slow use of each line",
    "fairTurn()",
    "readerFrom() of a slow generator",
    "100 pipes",
  ])(
    "a 10 ms timer fires within 50 ms and one step while each step takes 2 ms, at once, after a pause and after fast steps: %s [PIPE-040]",
    { timeout: 20_000 },
    async (style) => {
      const { code, lines, stderr } = await run("slow-steps.ts", [style], 15_000);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const phases = lines.map((line) => JSON.parse(line) as { phase: string; gapsMs: number[] });
      expect(phases.length).toBe(style === "100 pipes" ? 2 : 5);
      for (const { phase, gapsMs } of phases) expect(Math.max(...gapsMs), phase).toBeLessThanOrEqual(52);
    },
  );
});

describe("operations that wait", () => {
  // Red when: a pending operation polls every millisecond.
  test.for([[], ["setImmediate"], ["setImmediate", "MessageChannel"]])(
    "Pending PipeReader and PipeWriter operations use no CPU, no timer, and do not keep the process alive, without %j [PIPE-040] [PIPE-041]",
    {
      timeout: 20_000,
    },
    async (missing) => {
      const { code, lines, stderr } = await run("waiting.ts", missing, 10_000);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { cpuMs, resources } = JSON.parse(lines[0] ?? "") as { cpuMs: number; resources: string[] };
      expect(resources).toEqual([]);
      // 400 ms of waiting: a busy loop would use all of them, and polling every millisecond a large part.
      expect(cpuMs).toBeLessThan(40);
    },
  );
});
