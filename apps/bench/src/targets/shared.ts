import { size } from "../report/format.ts";
import type { Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";
import { C_RING, ORDERED_C_RING } from "../subjects/threads/implementations.ts";
import type { Measurement, Target } from "./target.ts";

const KIB = 1024;

const BLOCKING = "Thread pipe";
const AWAITED = "Thread pipe awaited";
const MESSAGES = "Thread postMessage";

/** The targets of `@pipe512/core/shared`, PERF-40 to PERF-47, in that order. */
export const sharedTargets: readonly Target[] = [
  besideC(64, 1.43),
  besideC(512, 1.11),
  besideC(64 * KIB, 1.11),
  absolute("PERF-41", `64 B, ${BLOCKING}: 1 GB/s`, sent(BLOCKING, 64), 64),
  absolute("PERF-41", `512 B, ${BLOCKING}: 2 GB/s`, sent(BLOCKING, 512), 256),
  ...[BLOCKING, AWAITED].flatMap((implementation) =>
    [MESSAGES, "Thread stream"].flatMap((against) => [
      transfer("PERF-42", implementation, against, 64, 0.1),
      transfer("PERF-42", implementation, against, 512, 0.2),
      transfer("PERF-42", implementation, against, 64 * KIB, 2),
    ]),
  ),
  ...["Thread FIFO", "Thread ringbuf.js"].flatMap((against) => [
    transfer("PERF-43", BLOCKING, against, 64, against === "Thread FIFO" ? 0.2 : 1),
    transfer("PERF-43", BLOCKING, against, 512, 1),
    transfer("PERF-43", BLOCKING, against, 64 * KIB, 1),
  ]),
  ...[BLOCKING, AWAITED].flatMap((implementation) => [
    absolute("PERF-44", `1 B there and back, ${implementation}: half`, echo(implementation, {}), 500),
    absolute(
      "PERF-44",
      `1 B there and back, ${implementation}: 99 %`,
      echo(implementation, { quantile: 0.99 }),
      5000,
    ),
    {
      id: "PERF-44",
      work: `1 B there and back, both asleep, ${implementation}`,
      against: MESSAGES,
      of: [echo(implementation, { pauseMs: 1 })],
      over: [echo(MESSAGES, { pauseMs: 1 })],
      atMost: { default: 0.9 },
      floor: [echo(bareWaitFor(implementation), { pauseMs: 1 })],
    },
  ]),
  ...[BLOCKING, "Thread pipe that may look"].map((implementation) => ({
    id: "PERF-45",
    work: `512 B on one processor, ${implementation}`,
    against: "never looks",
    of: [sent(implementation, 512, { oneProcessor: true })],
    over: [sent("Thread pipe that never looks", 512, { oneProcessor: true })],
    atMost: { default: 1.25 },
  })),
  absolute("PERF-46", "CPU time of a second of silence", silent("CPU time"), 500_000),
  absolute("PERF-46", "sleeps in a second of silence", silent("sleeps"), 1),
  ...[BLOCKING, AWAITED].map((implementation) => ({
    ...absolute(
      "PERF-46",
      `first byte after a second, ${implementation}`,
      firstAfterSilence(implementation),
      100_000,
    ),
    floor: [firstAfterSilence(bareWaitFor(implementation))],
  })),
  ...[512, 64 * KIB].map((chunkBytes) =>
    absolute(
      "PERF-47",
      `${size(chunkBytes)}, ${BLOCKING}: how often one sleeps`,
      {
        implementation: BLOCKING,
        scenario: "sleeps",
        parameters: { chunkBytes, poolBytes: chunkBytes },
      },
      1,
    ),
  ),
];

function besideC(chunkBytes: number, atMost: number): Target {
  return {
    ...transfer("PERF-40", BLOCKING, C_RING, chunkBytes, atMost),
    floor: [sent(ORDERED_C_RING, chunkBytes)],
  };
}

function transfer(
  id: string,
  implementation: string,
  against: string,
  chunkBytes: number,
  atMost: number,
): Target {
  return {
    id,
    work: `${size(chunkBytes)}, ${implementation}`,
    against,
    of: [sent(implementation, chunkBytes)],
    over: [sent(against, chunkBytes)],
    atMost: { default: atMost },
  };
}

/** An absolute target: its limit is a cost, in the unit of the measurement. */
function absolute(id: string, work: string, cost: Measurement, atMost: number): Target {
  return { id, work, against: "absolute", of: [cost], over: [], atMost: { default: atMost } };
}

/** One chunk, again and again, so that implementations are compared and not the machine's caches. */
function sent(implementation: string, chunkBytes: number, more: Parameters = {}): Measurement {
  return measurement(implementation, "transfer", { chunkBytes, poolBytes: chunkBytes, ...more });
}

function echo(implementation: string, parameters: Parameters): Measurement {
  return measurement(implementation, "echo", parameters);
}

function firstAfterSilence(implementation: string): Measurement {
  return measurement(implementation, "first-after-silence", {});
}

/** The implementation that does the same with the platform alone. */
function bareWaitFor(implementation: string): string {
  return implementation === BLOCKING ? "Thread bare wait" : "Thread bare wait awaited";
}

function silent(count: "CPU time" | "sleeps"): Measurement {
  return measurement(BLOCKING, "silence", { count });
}

function measurement(implementation: string, scenario: ScenarioName, parameters: Parameters): Measurement {
  return { implementation, scenario, parameters };
}
