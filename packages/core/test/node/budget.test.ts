import { settle } from "@pipe512/testing/turns";
import { expect, test, vi } from "vitest";

/** The budget of a separate copy of core, with a clock that the test controls. */
async function budget() {
  const { now } = Date;
  let at = now();
  Date.now = () => at;
  try {
    vi.resetModules();
    const { fairTurn } = await import("@pipe512/core/adapter");
    return { fairTurn, pass: (ms: number) => void (at += ms) };
  } finally {
    Date.now = now;
  }
}

// Red when: the clock is not read between two batches of deferred callers; or callers are resumed in another order.
test("fairTurn() resumes at most 16 callers that take 3 ms each in one turn of the event loop, in order [PIPE-040]", async () => {
  const { fairTurn, pass } = await budget();
  const resumed: number[] = [];
  pass(20); // The slice is over.
  const turns = Array.from({ length: 200 }, () => fairTurn(0));
  const waiting = turns.filter((turn) => turn !== undefined);
  expect(waiting.length).toBeGreaterThan(90);
  for (const [index, turn] of waiting.entries()) {
    void turn.then(() => {
      pass(3);
      resumed.push(index);
    });
  }
  let most = 0;
  for (let turn = 0; turn < 400 && resumed.length < waiting.length; turn++) {
    const before = resumed.length;
    await settle(1);
    most = Math.max(most, resumed.length - before);
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(16);
  expect(resumed).toEqual(waiting.map((_, index) => index));
});
