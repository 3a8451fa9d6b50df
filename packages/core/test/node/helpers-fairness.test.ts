import { expect, test } from "vitest";
import { run } from "../support/child.ts";

const { lines: printed } = await run("busy-helpers.ts");
const uses = JSON.parse(printed[0] ?? "[]") as string[];

// Red when: the steps of a loop do not count against the budget; or they count, but never wait.
test.for(uses)(
  "%s over ends that never wait lets a 10 ms timer fire within 50 ms [PIPE-040]",
  { timeout: 20_000 },
  async (use) => {
    const { code, lines, stderr } = await run("busy-helpers.ts", [use], 6000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const gaps = JSON.parse(lines[0] ?? "") as number[];
    // The median, since the engine compiles and collects garbage now and then.
    expect(gaps.toSorted((a, b) => a - b)[gaps.length >> 1], gaps.join(" ")).toBeLessThanOrEqual(50);
  },
);
