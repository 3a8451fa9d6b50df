import { size } from "../report/format.ts";
import type { Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";
import { C_RING, ORDERED_C_RING } from "../subjects/threads/contenders.ts";
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
  ...[BLOCKING, AWAITED].flatMap((contender) =>
    [MESSAGES, "Thread stream"].flatMap((against) => [
      transfer("PERF-42", contender, against, 64, 0.1),
      transfer("PERF-42", contender, against, 512, 0.2),
      transfer("PERF-42", contender, against, 64 * KIB, 2),
    ]),
  ),
  ...["Thread FIFO", "Thread ringbuf.js"].flatMap((against) => [
    transfer("PERF-43", BLOCKING, against, 64, against === "Thread FIFO" ? 0.2 : 1),
    transfer("PERF-43", BLOCKING, against, 512, 1),
    transfer("PERF-43", BLOCKING, against, 64 * KIB, 1),
  ]),
  ...[BLOCKING, AWAITED].flatMap((contender) => [
    absolute("PERF-44", `1 B there and back, ${contender}: half`, echo(contender, {}), 500),
    absolute("PERF-44", `1 B there and back, ${contender}: 99 %`, echo(contender, { quantile: 0.99 }), 5000),
    {
      id: "PERF-44",
      work: `1 B there and back, both asleep, ${contender}`,
      against: MESSAGES,
      of: [echo(contender, { pauseMs: 1 })],
      over: [echo(MESSAGES, { pauseMs: 1 })],
      atMost: { default: 0.9 },
      floor: [echo(bareWaitFor(contender), { pauseMs: 1 })],
    },
  ]),
  ...[BLOCKING, "Thread pipe that may look"].map((contender) => ({
    id: "PERF-45",
    work: `512 B on one processor, ${contender}`,
    against: "never looks",
    of: [sent(contender, 512, { oneProcessor: true })],
    over: [sent("Thread pipe that never looks", 512, { oneProcessor: true })],
    atMost: { default: 1.25 },
  })),
  absolute("PERF-46", "CPU time of a second of silence", silent("CPU time"), 500_000),
  absolute("PERF-46", "sleeps in a second of silence", silent("sleeps"), 1),
  ...[BLOCKING, AWAITED].map((contender) => ({
    ...absolute("PERF-46", `first byte after a second, ${contender}`, firstAfterSilence(contender), 100_000),
    floor: [firstAfterSilence(bareWaitFor(contender))],
  })),
  ...[512, 64 * KIB].map((chunkBytes) =>
    absolute(
      "PERF-47",
      `${size(chunkBytes)}, ${BLOCKING}: how often one sleeps`,
      {
        contender: BLOCKING,
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
  contender: string,
  against: string,
  chunkBytes: number,
  atMost: number,
): Target {
  return {
    id,
    work: `${size(chunkBytes)}, ${contender}`,
    against,
    of: [sent(contender, chunkBytes)],
    over: [sent(against, chunkBytes)],
    atMost: { default: atMost },
  };
}

/** An absolute target: its limit is a cost, in the unit of the measurement. */
function absolute(id: string, work: string, cost: Measurement, atMost: number): Target {
  return { id, work, against: "absolute", of: [cost], over: [], atMost: { default: atMost } };
}

/** One chunk, again and again, so that implementations are compared and not the machine's caches. */
function sent(contender: string, chunkBytes: number, more: Parameters = {}): Measurement {
  return measurement(contender, "transfer", { chunkBytes, poolBytes: chunkBytes, ...more });
}

function echo(contender: string, parameters: Parameters): Measurement {
  return measurement(contender, "echo", parameters);
}

function firstAfterSilence(contender: string): Measurement {
  return measurement(contender, "first-after-silence", {});
}

/** The implementation that does the same with the platform alone. */
function bareWaitFor(contender: string): string {
  return contender === BLOCKING ? "Thread bare wait" : "Thread bare wait awaited";
}

function silent(count: "CPU time" | "sleeps"): Measurement {
  return measurement(BLOCKING, "silence", { count });
}

function measurement(contender: string, scenario: ScenarioName, parameters: Parameters): Measurement {
  return { contender, scenario, parameters };
}
