import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";

describe("the life of the process", () => {
  // Red when: nothing keeps the process alive while a call waits by a promise.
  test.for([
    ["read", "plain", "settled with 1"],
    ["write", "plain", "settled with 513"],
    ["read", "ref", "settled with 1"],
  ] as const)("lasts as long as a %s waits, %s [SHARED-005]", async ([what, how, settled]) => {
    const { code, lines } = await run("shared-life.ts", [what, how]);
    expect([code, ...lines]).toEqual([0, settled, "over"]);
  });

  // Red when: unref() does not let go of what keeps the process alive.
  test.for(["read", "write"])("ends although a %s waits, after unref() [SHARED-005]", async (what) => {
    const { code, lines } = await run("shared-life.ts", [what, "unref"]);
    expect([code, ...lines]).toEqual([0, "over"]);
  });
});
