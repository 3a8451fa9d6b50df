import { describe } from "vitest";
import { test } from "../support/nats.ts";
import * as n from "./network.ts";
import * as s from "./server.ts";
import * as e from "./ends.ts";
import { mixture } from "./mixture.ts";
const t = { timeout: 40_000 };
const random = (seed: number) => {
  let state = seed | 0;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};
describe("faults", () => {
  test("cuts", t, ({ machines }) => n.cuts(machines));
  test("lost answers w", t, ({ machines }) => n.lostAnswers(machines, "writing"));
  test("lost answers r", t, ({ machines }) => n.lostAnswers(machines, "reading"));
  test("lost answer to end", t, ({ machines }) => n.lostAnswerToEnd(machines));
  test("late", t, ({ machines }) => n.latePublishes(machines));
  test("late of dead", t, ({ machines }) => n.latePublishesOfDead(machines));
  test("killed server", t, ({ machines }) => s.killedServer(machines));
  test("stopped server", t, ({ machines }) => s.stoppedServer(machines));
  test("rolled back", t, ({ machines }) => s.rolledBack(machines));
  test("two writers", t, ({ machines }) => e.twoWriters(machines));
  test("two readers", t, ({ machines }) => e.twoReaders(machines));
  test("lost writer", t, ({ machines }) => e.lostWriter(machines));
  test("lost reader", t, ({ machines }) => e.lostReader(machines));
  for (const way of ["close", "closeWithError"] as const) {
    test("writer " + way, t, ({ machines }) => e.leavingWriter(machines, way));
    test("reader " + way, t, ({ machines }) => e.leavingReader(machines, way));
  }
  for (const seed of [1, 2, 3])
    test("mix " + seed, t, async ({ machines }) => {
      console.log(await mixture(machines, random(seed)));
    });
});
