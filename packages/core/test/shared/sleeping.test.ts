import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { Spin } from "../../src/shared/spin.ts";
import { run } from "../support/child.ts";
import { newSeed } from "../support/random.ts";

/** Bytes of one torture. The soak test moves more. */
const TOTAL = Number(process.env["TORTURE_BYTES"] ?? 8 << 20);

describe("threads that wait", () => {
  // Red when: a side looks for bytes until they come.
  test("use no CPU: neither one that blocks nor one that awaits [SHARED-004]", async () => {
    const { lines } = await run("shared-sleep.ts");
    expect(Number(lines[0])).toBeLessThan(50);
  });

  // Red when: the time of looking has no bound; looking goes on although it never helps.
  test("Spin.until() gives up in time, and hardly looks where looking never helps [SHARED-004]", () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const spin = new Spin();
    // A clock that each look at it moves on, so that what else the machine does is not measured.
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

  // Red when: a copy leaves out its wrapped tail; a wake-up is lost; the room is given before the bytes are out.
  test.for([
    ["one processor", "0"],
    ["all processors", undefined],
  ] as const)(
    "move a long sequence on %s without a fault [SHARED-001] [SHARED-004]",
    { timeout: 300_000 },
    async ([, cpus]) => {
      const seed = newSeed(`torture on ${cpus ?? "all"}`);
      const program = fileURLToPath(new URL("../programs/shared-torture.ts", import.meta.url));
      const command = [
        process.execPath,
        "--conditions=@pipe512/source",
        program,
        String(TOTAL),
        String(seed),
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
