import pMap from "p-map";
import { size } from "../report/format.ts";
import type { CancelSample } from "../scenarios/cancel.ts";
import type { CostSample, Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";
import { shapes } from "../scenarios/shapes.ts";
import type { StallSample } from "../scenarios/stall.ts";
import type { TimerSample } from "../scenarios/timer.ts";
import type { WholeFileSample } from "../scenarios/whole-file.ts";
import type { Implementation } from "../subjects/implementation.ts";
import type { Measurement } from "../targets/target.ts";
import { Participant, type Ground, rotated, type Series } from "./participant.ts";
import { type ComparisonPlan, type Durations, fieldOf, shortened } from "./comparison-plan.ts";
import { inRoundsMs, readyMs, roundMs, single, type Single } from "./comparison-time.ts";
import { undecided } from "./pairs.ts";
import type { Watch } from "./watch.ts";

/** All measurements, and the reasons for missing ones. */
export interface Comparison {
  readonly files: readonly Series<WholeFileSample>[];
  readonly transfers: readonly Series<CostSample>[];
  /** Of the other scenarios that measure a cost. */
  readonly costs: readonly Series<CostSample>[];
  readonly stalls: readonly Series<StallSample>[];
  readonly timers: readonly Series<TimerSample>[];
  readonly cancels: readonly Series<CancelSample>[];
}

/** The chunk size of the transfer beside the timer. */
const TIMER_CHUNK_BYTES = 512;

/** Chunks are cut from this much of the file, so that a large file does not become millions of views. */
const POOL_BYTES = 4 * 1024 * 1024;

/** The maximum number of rounds of one chunk size. */
const MOST_ROUNDS = 60;

/** Work that measures no time may run twice at the same time: starting, warming up, and everything that is counted. */
const TWO_AT_A_TIME = { concurrency: 2 };

/**
 * Compares implementations: which of them deliver a file, how fast, and their behaviour during that. An implementation that
 * fails in a scenario is excluded from it. When the signal aborts, the comparison stops and returns the results so far.
 */
export async function compare(plan: ComparisonPlan, ground: Ground, watch: Watch): Promise<Comparison> {
  const { implementations, chunkSizesBytes } = plan;
  // The floor has neither a reader to wait for nor anything to stop.
  const pipes = implementations.filter(({ role, givesAway }) => role !== "floor" && givesAway === undefined);
  const comparison = {
    files: [] as Series<WholeFileSample>[],
    transfers: [] as Series<CostSample>[],
    costs: [] as Series<CostSample>[],
    stalls: [] as Series<StallSample>[],
    timers: [] as Series<TimerSample>[],
    cancels: [] as Series<CancelSample>[],
  };
  for (const name of plan.scenarios) {
    if (ground.signal.aborted) break;
    switch (name) {
      case "file": {
        watch.stage("Sending the whole file, SHA-256 of what arrives");
        comparison.files = await once(
          implementations,
          name,
          { chunkSizesBytes },
          single(plan, name),
          ground,
          watch,
        );
        for (const series of comparison.files) expectHash(series, plan.sha256);
        break;
      }
      case "transfer": {
        for (const chunkBytes of chunkSizesBytes) {
          if (ground.signal.aborted) break;
          watch.stage(`Chunks of ${size(chunkBytes)}`);
          const parameters = { chunkBytes, poolBytes: POOL_BYTES };
          const field = fieldOf(implementations, chunkBytes);
          comparison.transfers.push(...(await inRounds(plan, field, name, parameters, ground, watch)));
        }
        break;
      }
      case "stall": {
        watch.stage("Writing while the reader stalls");
        const parameters = { chunkSizesBytes, poolBytes: POOL_BYTES };
        comparison.stalls = await once(pipes, name, parameters, single(plan, name), ground, watch);
        break;
      }
      case "timer": {
        watch.stage("A timer beside a transfer");
        const parameters = { chunkBytes: TIMER_CHUNK_BYTES, poolBytes: POOL_BYTES };
        comparison.timers = await once(pipes, name, parameters, single(plan, name), ground, watch);
        break;
      }
      case "cancel": {
        watch.stage(shapes[name].title);
        const parameters = { chunkBytes: TIMER_CHUNK_BYTES, poolBytes: POOL_BYTES };
        comparison.cancels = await once(pipes, name, parameters, single(plan, name), ground, watch);
        break;
      }
      case "ping-pong":
      case "first-byte":
      case "slow-writer":
      case "slow-reader":
      case "create-and-close":
      case "echo":
      case "many-pipes": {
        watch.stage(shapes[name].title);
        const { parameters } = shapes[name].cost;
        const pool = { poolBytes: POOL_BYTES, ...parameters };
        comparison.costs.push(...(await inRounds(shortened(plan), pipes, name, pool, ground, watch)));
      }
    }
  }
  return comparison;
}

/** One sample of each implementation, two at a time. */
async function once<Sample extends object>(
  implementations: readonly Implementation[],
  scenario: ScenarioName,
  parameters: Parameters,
  { warmUpMs, measureMs, plannedMs }: Single,
  ground: Ground,
  watch: Watch,
): Promise<Series<Sample>[]> {
  const sample = async (one: Implementation): Promise<Series<Sample>> => {
    const participant = new Participant<Sample>(measurement(one, scenario, parameters), ground);
    await participant.enter();
    if (warmUpMs > 0) await participant.warmUp(warmUpMs);
    await participant.measure(measureMs);
    await participant.leave();
    watch.advance(plannedMs);
    return participant.series;
  };
  return pMap(implementations, sample, TWO_AT_A_TIME);
}

/**
 * Measures all in turn, round by round, in processes that stay for some rounds. After one warm-up each round is short, so
 * the rounds of a size lie close together. Then new processes continue, so that the spread shows different decisions of the
 * engine. The other processes wait for their stdin meanwhile and use no CPU.
 */
async function inRounds(
  durations: Durations,
  implementations: readonly Implementation[],
  scenario: ScenarioName,
  parameters: Parameters,
  ground: Ground,
  watch: Watch,
): Promise<Series<CostSample>[]> {
  const { rounds, startMs, warmUpMs, measureMs, prolongMs } = durations;
  const endMs = performance.now() + inRoundsMs(durations) * implementations.length + prolongMs;
  const field = implementations.map((one) => {
    return new Participant<CostSample>(measurement(one, scenario, parameters), ground);
  });
  // A thread that sometimes has no processor would measure its own speed wrongly.
  const concurrency = implementations.some(({ hasThreads }) => hasThreads) ? 1 : TWO_AT_A_TIME.concurrency;
  const roundsOfProcess = Math.ceil(rounds / durations.processes);
  for (let first = 0; first < rounds; first += roundsOfProcess) {
    try {
      const getReady = async (participant: Participant<CostSample>): Promise<void> => {
        await participant.enter();
        await participant.warmUp(warmUpMs);
        watch.advance(readyMs(startMs, warmUpMs));
      };
      await pMap(field, getReady, { concurrency });
      const end = Math.min(first + roundsOfProcess, rounds);
      for (let round = first; round < end; round++) {
        for (const participant of rotated(field, round)) {
          await participant.measure(measureMs);
          watch.advance(roundMs(measureMs));
        }
      }
      if (end === rounds && prolongMs > 0) await prolong(field, durations, endMs, watch);
    } finally {
      await Promise.all(field.map((participant) => participant.leave()));
    }
  }
  return field.map(({ series }) => series);
}

/** Additional rounds of the implementations whose ratio is not precise enough, until it is or the time is used up. */
async function prolong(
  field: readonly Participant<CostSample>[],
  { rounds, measureMs, prolongMs }: Durations,
  endMs: number,
  watch: Watch,
): Promise<void> {
  for (let round = rounds; round < MOST_ROUNDS && performance.now() < endMs; round++) {
    const open = undecided(field.map(({ series }) => series));
    const participants = field.filter(({ series }) => open.has(series));
    if (participants.length === 0 || participants.some(({ isInterrupted }) => isInterrupted)) break;
    for (const participant of rotated(participants, round)) await participant.measure(measureMs);
  }
  watch.release(prolongMs);
}

/** An implementation that transfers ownership gets chunks with their own buffers. */
function measurement(
  { name, givesAway }: Implementation,
  scenario: ScenarioName,
  parameters: Parameters,
): Measurement {
  return {
    implementation: name,
    scenario,
    parameters: givesAway ? { ...parameters, transfer: true } : parameters,
  };
}

function expectHash(series: Series<WholeFileSample>, sha256: string): void {
  const wrong = series.samples.flatMap(({ arrived }) => arrived).find((arrival) => arrival.sha256 !== sha256);
  if (wrong === undefined) return;
  series.failureKind = "loses bytes";
  series.failure = `The bytes that arrived differ from those sent, in chunks of ${size(wrong.chunkBytes)}: SHA-256 ${wrong.sha256}`;
}
