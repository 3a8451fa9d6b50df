import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { Spin } from "../../src/shared/spin.ts";
import { run } from "../support/child.ts";
import { newSeed } from "../support/random.ts";

/** The number of bytes of one torture run. The soak test moves more. */
const TOTAL = Number(process.env["TORTURE_BYTES"] ?? 8 << 20);

describe("threads that wait", () => {
  // Red when: a side spins until bytes arrive.
  test("use no CPU: neither one that blocks nor one that awaits, for the other side or for its turn at the mutex [SHARED-004] [PIPE-041]", {
    timeout: 20_000, // The limit that run() sets for the program: its failure report says more than a test timeout.
  }, async () => {
    const { lines } = await run("shared-sleep.ts");
    expect(Number(lines[0])).toBeLessThan(50);
  });

  // Red when: the spinning time has no bound; or spinning continues although it never succeeds.
  test("Spin.until() ends in time, and spins rarely where spinning never succeeds [SHARED-004]", () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const spin = new Spin();
    // The clock advances at each call, so that other load on the machine is not measured.
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 0.001));
    const took = (): number => {
      const beganMs = nowMs;
      expect(spin.until(words, 0, 0, 0.15)).toBe(false);
      return nowMs - beganMs;
    };
    try {
      const tries = Array.from({ length: 200 }, took);
      expect(Math.max(...tries)).toBeLessThan(0.2);
      expect(tries.filter((ms) => ms > 0).length).toBeLessThan(100);
      expect(spin.until(words, 0, 1, 0.15)).toBe(true);
    } finally {
      clock.mockRestore();
    }
  });

  // Red when: spinning continues on a single processor.
  test("Spin.until() does not spin on one processor [SHARED-004]", async () => {
    vi.stubGlobal("navigator", { hardwareConcurrency: 1 });
    vi.resetModules();
    try {
      const { Spin: SpinOfOne } = await import("../../src/shared/spin.ts");
      const looks = vi.spyOn(Atomics, "load");
      const words = new Int32Array(new SharedArrayBuffer(4));
      expect(new SpinOfOne().until(words, 0, 0, 0.15)).toBe(false);
      expect(looks).not.toHaveBeenCalled();
      looks.mockRestore();
    } finally {
      vi.unstubAllGlobals();
      vi.resetModules();
    }
  });

  // Red when: calls that are over reference one another, or each leaves a wait behind.
  test("keep nothing of the bytes that went through [SHARED-002] [PIPE-050]", {
    timeout: 120_000,
  }, async () => {
    const { code, lines, stderr } = await run("shared-memory.ts", [String(4 << 20)], 120_000);
    expect([code, stderr]).toEqual([0, ""]);
    const [warm = 0, ...later] = JSON.parse(lines[0] ?? "") as number[];
    for (const usedBytes of later) expect(usedBytes - warm, lines[0]).toBeLessThan(500_000);
  });

  // Red when: a copy omits the part that wraps around; a wake-up is lost; or the room is released before the bytes have been copied out.
  test.for([
    ["one processor", "0", 2 ** 32 - 70_000],
    ["all processors", undefined, 2 ** 31 - 70_000],
  ] as const)(
    "move a long sequence on %s without a fault [SHARED-001] [SHARED-004] [SHARED-007]",
    { timeout: 300_000 },
    async ([, cpus, start]) => {
      const seed = newSeed(`torture on ${cpus ?? "all"}`);
      const program = fileURLToPath(new URL("../programs/shared-torture.ts", import.meta.url));
      const command = [
        process.execPath,
        "--conditions=@pipe512/source",
        program,
        String(TOTAL),
        String(seed),
        String(start),
      ];
      const [file = "", ...args] = cpus === undefined ? command : ["taskset", "-c", cpus, ...command];
      const { stdout, stderr } = await promisify(execFile)(file, args, {
        env: { ...process.env, NODE_OPTIONS: "" },
      });
      console.info(`${TOTAL} bytes on ${cpus ?? "all"}: ${stderr.trim()}`);
      expect(stdout.trim()).toBe(`${TOTAL} ${TOTAL}`);
    },
  );
});
