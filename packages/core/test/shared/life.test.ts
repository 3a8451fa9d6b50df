import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";

describe("the life of the process", () => {
  // Red when: nothing keeps the process alive while a call waits by a promise.
  test.for([
    ["read", "plain", "settled with 1"],
    ["readChunk", "plain", "settled with object"],
    ["write", "plain", "settled with 513"],
    ["flush", "plain", "settled with undefined"],
    ["write at the mutex", "plain", "failed with ERR_CLOSED_PIPE"],
    ["read", "ref", "settled with 1"],
    ["flush", "ref", "settled with undefined"],
  ] as const)("lasts as long as a %s waits, %s [SHARED-005]", async ([what, how, outcome]) => {
    const { code, lines } = await run("shared-life.ts", [what, how]);
    expect([code, ...lines]).toEqual([0, outcome, "over"]);
  });

  // Red when: a wait for the mutex or the condition does not keep the process alive.
  test.for([
    ["lockAsync", "settled with object"],
    ["waitAsync", "settled with undefined"],
  ] as const)("lasts as long as %s() waits [SHARED-005] [SHARED-009]", async ([what, outcome]) => {
    const { code, lines } = await run("shared-life.ts", [what, "plain"]);
    expect([code, ...lines]).toEqual([0, outcome, "over"]);
  });

  // Red when: unref() does not release the handle that keeps the process alive.
  test.for(["read", "write", "flush"])(
    "ends although a %s waits, after unref() [SHARED-005]",
    async (what) => {
      const { code, lines } = await run("shared-life.ts", [what, "unref"]);
      expect([code, ...lines]).toEqual([0, "over"]);
    },
  );
});
