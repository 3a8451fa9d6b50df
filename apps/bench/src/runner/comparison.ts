import pMap from "p-map";
import { size } from "../report/format.ts";
import type { CancelSample } from "../scenarios/cancel.ts";
import type { CostSample, Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";
import { type ShapeName, shapes } from "../scenarios/shapes.ts";
import type { StallSample } from "../scenarios/stall.ts";
import type { TimerSample } from "../scenarios/timer.ts";
import type { WholeFileSample } from "../scenarios/whole-file.ts";
import type { Contender } from "../subjects/contender.ts";
import { GIVEN_AWAY_BYTES } from "../subjects/contenders.ts";
import type { Measurement } from "../targets/target.ts";
import { Entrant, type Ground, rotated, type Series } from "./entrant.ts";
import type { Watch } from "./watch.ts";

export interface ComparisonPlan {
  readonly contenders: readonly Contender[];
  readonly scenarios: readonly ShapeName[];
  readonly chunkSizesBytes: readonly number[];
  readonly rounds: number;
  /** The rounds of a chunk size are divided among so many processes of each contender, one after the other. */
  readonly processes: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The same for the other scenarios that measure a cost. */
  readonly costMs: number;
  /** How long the transfer beside a timer takes. */
  readonly timerMs: number;
  /** How long a reader stalls, for each chunk size. */
  readonly stallMs: number;
  /** What starting a process takes, where two are started at a time. */
  readonly startMs: number;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/** Everything measured, and why something was not. */
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

/** Chunks are cut from so much of the file, so that a large one does not become millions of views. */
const POOL_BYTES = 4 * 1024 * 1024;

/** In this time a side that learns of the other's leaving has learnt of it. */
const CANCEL_MS = 100;

/** What measures no time may run beside one other of its kind: starting, warming up, and all that is counted. */
const TWO_AT_A_TIME = { concurrency: 2 };

/**
 * The first comparison: who carries a file, how fast, and how they behave meanwhile. Who fails in one scenario is out
 * of that one. When the signal is aborted it stops, and what there is by then is the result.
 */
export async function compare(plan: ComparisonPlan, ground: Ground, watch: Watch): Promise<Comparison> {
  const { contenders, chunkSizesBytes, startMs, warmUpMs } = plan;
  // The floor has neither a reader to wait for nor anything that could stop.
  const pipes = contenders.filter(({ role, givesAway }) => role !== "floor" && givesAway === undefined);
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
        comparison.files = await once(contenders, name, { chunkSizesBytes }, [startMs, 0, 0], ground, watch);
        for (const series of comparison.files) expectHash(series, plan.sha256);
        break;
      }
      case "transfer": {
        for (const chunkBytes of chunkSizesBytes) {
          if (ground.signal.aborted) break;
          watch.stage(`Chunks of ${size(chunkBytes)}`);
          const parameters = { chunkBytes, poolBytes: POOL_BYTES };
          const field = fieldOf(contenders, chunkBytes);
          comparison.transfers.push(...(await inRounds(plan, field, name, parameters, ground, watch)));
        }
        break;
      }
      case "stall": {
        watch.stage("Writing while the reader stalls");
        const parameters = { chunkSizesBytes, poolBytes: POOL_BYTES };
        comparison.stalls = await once(pipes, name, parameters, [startMs, 0, plan.stallMs], ground, watch);
        break;
      }
      case "timer": {
        watch.stage("A timer beside a transfer");
        const parameters = { chunkBytes: TIMER_CHUNK_BYTES, poolBytes: POOL_BYTES };
        comparison.timers = await once(
          pipes,
          name,
          parameters,
          [startMs, warmUpMs, plan.timerMs],
          ground,
          watch,
        );
        break;
      }
      case "cancel": {
        watch.stage(shapes[name].title);
        const parameters = { chunkBytes: TIMER_CHUNK_BYTES, poolBytes: POOL_BYTES };
        comparison.cancels = await once(pipes, name, parameters, [startMs, 0, CANCEL_MS], ground, watch);
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

/** How long a comparison will take, about. */
export function comparisonMs(plan: ComparisonPlan): number {
  const { contenders, chunkSizesBytes, scenarios, startMs, warmUpMs, timerMs, stallMs } = plan;
  const transfersMs = chunkSizesBytes.map((bytes) => fieldOf(contenders, bytes).length * inRoundsMs(plan));
  const each = scenarios.map((name) => {
    if (name === "file") return startMs;
    if (name === "transfer") return 0;
    if (name === "stall") return startMs + (stallMs * chunkSizesBytes.length) / 2;
    if (name === "timer") return startMs + (warmUpMs + timerMs) / 2;
    if (name === "cancel") return startMs + CANCEL_MS / 2;
    return inRoundsMs(shortened(plan));
  });
  return sum(each) * contenders.length + (scenarios.includes("transfer") ? sum(transfersMs) : 0);
}

type Durations = Pick<ComparisonPlan, "rounds" | "processes" | "startMs" | "warmUpMs" | "measureMs">;

function inRoundsMs({ rounds, processes, startMs, warmUpMs, measureMs }: Durations): number {
  return Math.min(processes, rounds) * (startMs + warmUpMs / 2) + rounds * measureMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** For scenarios that are beside the transfer: fewer rounds, so that all of them fit. */
function shortened({ rounds, processes, startMs, warmUpMs, costMs }: ComparisonPlan): Durations {
  return { rounds: Math.min(rounds, 6), processes, startMs, warmUpMs: (warmUpMs * 2) / 3, measureMs: costMs };
}

function fieldOf(contenders: readonly Contender[], chunkBytes: number): readonly Contender[] {
  return contenders.filter(({ givesAway }) => givesAway === undefined || chunkBytes >= GIVEN_AWAY_BYTES);
}

/** One sample of everybody, two at a time. */
async function once<Sample extends object>(
  contenders: readonly Contender[],
  scenario: ScenarioName,
  parameters: Parameters,
  [startMs, warmUpMs, measureMs]: readonly [startMs: number, warmUpMs: number, measureMs: number],
  ground: Ground,
  watch: Watch,
): Promise<Series<Sample>[]> {
  const sample = async (one: Contender): Promise<Series<Sample>> => {
    const entrant = new Entrant<Sample>(measurement(one, scenario, parameters), ground);
    await entrant.enter();
    if (warmUpMs > 0) await entrant.warmUp(warmUpMs);
    await entrant.measure(measureMs);
    await entrant.leave();
    watch.advance(startMs + (warmUpMs + measureMs) / 2);
    return entrant.series;
  };
  return pMap(contenders, sample, TWO_AT_A_TIME);
}

/**
 * Everybody in turn, round by round, in processes that stay for some rounds: warmed up once, each round is short, and so
 * the rounds of a size lie close together. Then fresh processes go on, so that what an engine decided in one of them is
 * seen in the spread. Whoever does not measure waits for its stdin and uses no CPU.
 */
async function inRounds(
  durations: Durations,
  contenders: readonly Contender[],
  scenario: ScenarioName,
  parameters: Parameters,
  ground: Ground,
  watch: Watch,
): Promise<Series<CostSample>[]> {
  const { rounds, startMs, warmUpMs, measureMs } = durations;
  const field = contenders.map((one) => {
    return new Entrant<CostSample>(measurement(one, scenario, parameters), ground);
  });
  // Threads that go without a processor now and then learn nothing of how fast they are.
  const concurrency = contenders.some(({ hasThreads }) => hasThreads) ? 1 : TWO_AT_A_TIME.concurrency;
  const roundsOfProcess = Math.ceil(rounds / durations.processes);
  for (let first = 0; first < rounds; first += roundsOfProcess) {
    try {
      const getReady = async (entrant: Entrant<CostSample>): Promise<void> => {
        await entrant.enter();
        await entrant.warmUp(warmUpMs);
        watch.advance(startMs + warmUpMs / 2);
      };
      await pMap(field, getReady, { concurrency });
      for (let round = first; round < Math.min(first + roundsOfProcess, rounds); round++) {
        for (const entrant of rotated(field, round)) {
          await entrant.measure(measureMs);
          watch.advance(measureMs);
        }
      }
    } finally {
      await Promise.all(field.map((entrant) => entrant.leave()));
    }
  }
  return field.map(({ series }) => series);
}

/** Whoever gives its chunks away is given chunks that it may give away. */
function measurement(
  { name, givesAway }: Contender,
  scenario: ScenarioName,
  parameters: Parameters,
): Measurement {
  return {
    contender: name,
    scenario,
    parameters: givesAway ? { ...parameters, transfer: true } : parameters,
  };
}

function expectHash(series: Series<WholeFileSample>, sha256: string): void {
  const wrong = series.samples.flatMap(({ arrived }) => arrived).find((arrival) => arrival.sha256 !== sha256);
  if (wrong === undefined) return;
  series.failureKind = "loses bytes";
  series.failure = `Other bytes arrived than were sent, in chunks of ${size(wrong.chunkBytes)}: SHA-256 ${wrong.sha256}`;
}
