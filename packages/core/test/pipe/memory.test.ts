import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";

const megabyte = 1_000_000;
const timeout = 60_000;

describe("bytes moved", () => {
  const cases = [
    ["await", 65_536, 2 ** 28],
    ["signal", 65_536, 2 ** 28],
    ["chunks", 65_536, 2 ** 28],
    ["views", 65_536, 2 ** 28],
    ["copies", 65_536, 2 ** 26],
    ["await", 512, 2 ** 24],
    ["chunks", 33, 2 ** 21],
  ] as const;

  // Red when: operations that have settled reference one another.
  test.for(cases)(
    "pipe() keeps no memory of the bytes that went through: %s, writes of %i, four times %i bytes [PIPE-050]",
    { timeout },
    async ([style, size, quarter]) => {
      const { code, lines, stderr } = await run(
        "transferred-memory.ts",
        [style, `${size}`, `${quarter}`],
        timeout,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { usedBytes, bytesRead } = JSON.parse(lines[0] ?? "") as {
        usedBytes: number[];
        bytesRead: number;
      };
      expect(bytesRead).toBeGreaterThanOrEqual(quarter * 5);
      const [warm = 0, ...later] = usedBytes;
      for (const used of later) expect(used - warm, usedBytes.join(" ")).toBeLessThan(megabyte / 2);
    },
  );
});

describe("idle pipes", () => {
  const measure = async (history: string): Promise<number> => {
    const { code, lines, stderr } = await run("idle-memory.ts", [history], timeout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { bytes, alive } = JSON.parse(lines[0] ?? "") as { bytes: number; alive: number };
    expect(alive).toBe(100_000);
    return bytes;
  };

  // Red when: each pipe allocates a ring of 512 bytes when it is created, and a second one.
  test.for(["nothing", "handed over", "through the ring", "through a full ring"])(
    "pipe() takes at most 150 MB for 100,000 pipes that fell idle after: %s [PIPE-051]",
    { timeout },
    async (history) => {
      expect(await measure(history)).toBeLessThanOrEqual(150 * megabyte);
    },
  );

  // Red when: the ring is allocated although all bytes go to waiting reads.
  test("pipe() has no ring while all bytes are handed to waiting reads [PIPE-051]", {
    timeout,
  }, async () => {
    const [handed, ring] = [await measure("handed over"), await measure("through the ring")];
    expect(ring - handed).toBeGreaterThan(100_000 * 50);
  });
});
