import { size } from "../report/format.ts";
import type { CostSample, Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";
import type { StallSample } from "../scenarios/stall.ts";
import type { TimerSample } from "../scenarios/timer.ts";
import type { WholeFileSample } from "../scenarios/whole-file.ts";
import type { Contender } from "../subjects/contenders.ts";
import { Entrant, type Ground, rotated, type Series } from "./entrant.ts";
import type { Watch } from "./watch.ts";

export interface ComparisonPlan {
  readonly contenders: readonly Contender[];
  readonly chunkSizesBytes: readonly number[];
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long the transfer beside a timer takes. */
  readonly timerMs: number;
  /** How long a reader stalls, for each chunk size. */
  readonly stallMs: number;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/** Everything measured, and why something was not. */
export interface Comparison {
  readonly files: readonly Series<WholeFileSample>[];
  readonly transfers: readonly Series<CostSample>[];
  readonly stalls: readonly Series<StallSample>[];
  readonly timers: readonly Series<TimerSample>[];
}

/** The chunk size of the transfer beside the timer. */
const TIMER_CHUNK_BYTES = 512;

/** Chunks are cut from so much of the file, so that a large one does not become millions of views. */
const POOL_BYTES = 4 * 1024 * 1024;

/** What starting a process takes, for the progress bar. */
const START_MS = 100;

/**
 * The first comparison: who carries a file, how fast, and how they behave meanwhile. Who fails in one scenario is out
 * of that one. When the signal is aborted it stops, and what there is by then is the result.
 */
export async function compare(plan: ComparisonPlan, ground: Ground, watch: Watch): Promise<Comparison> {
  const { contenders, chunkSizesBytes, warmUpMs } = plan;
  // The floor has neither a reader to wait for nor anything that could stop.
  const pipes = contenders.filter(({ role }) => role !== "floor");
  const stage = (name: string) => {
    if (!ground.signal.aborted) watch.stage(name);
  };

  stage("Sending the whole file, SHA-256 of what arrives");
  const files = await once<WholeFileSample>(contenders, "file", { chunkSizesBytes }, [0, 0], ground, watch);
  for (const series of files) expectHash(series, plan.sha256);

  const transfers: Series<CostSample>[] = [];
  for (const chunkBytes of chunkSizesBytes) {
    stage(`Chunks of ${size(chunkBytes)}`);
    transfers.push(...(await inRounds(plan, chunkBytes, ground, watch)));
  }

  stage("Writing while the reader stalls");
  const stalling = { chunkSizesBytes, poolBytes: POOL_BYTES };
  const stalls = await once<StallSample>(pipes, "stall", stalling, [0, plan.stallMs], ground, watch);

  stage("A timer beside a transfer");
  const timing = { chunkBytes: TIMER_CHUNK_BYTES, poolBytes: POOL_BYTES };
  const timers = await once<TimerSample>(pipes, "timer", timing, [warmUpMs, plan.timerMs], ground, watch);

  return { files, transfers, stalls, timers };
}

/** How long a comparison will take, about. */
export function comparisonMs(plan: ComparisonPlan): number {
  const { contenders, chunkSizesBytes, rounds, warmUpMs, measureMs, timerMs, stallMs } = plan;
  const transfer = START_MS + warmUpMs + rounds * measureMs;
  const probes = 3 * START_MS + stallMs + warmUpMs + timerMs;
  return contenders.length * (chunkSizesBytes.length * transfer + probes);
}

/** One sample of everybody. */
async function once<Sample extends object>(
  contenders: readonly Contender[],
  scenario: ScenarioName,
  parameters: Parameters,
  [warmUpMs, measureMs]: readonly [number, number],
  ground: Ground,
  watch: Watch,
): Promise<Series<Sample>[]> {
  const all: Series<Sample>[] = [];
  for (const { name } of contenders) {
    const entrant = new Entrant<Sample>({ contender: name, scenario, parameters }, ground);
    await entrant.enter();
    if (warmUpMs > 0) await entrant.warmUp(warmUpMs);
    await entrant.measure(measureMs);
    await entrant.leave();
    all.push(entrant.series);
    watch.advance(START_MS + warmUpMs + measureMs);
  }
  return all;
}

/**
 * Everybody in turn, round by round, in processes that stay: warmed up once, each round is short, and so the rounds of a
 * size lie close together. Whoever does not measure waits for its stdin and uses no CPU.
 */
async function inRounds(
  { contenders, rounds, warmUpMs, measureMs }: ComparisonPlan,
  chunkBytes: number,
  ground: Ground,
  watch: Watch,
): Promise<Series<CostSample>[]> {
  const parameters = { chunkBytes, poolBytes: POOL_BYTES };
  const field = contenders.map(({ name }) => {
    return new Entrant<CostSample>({ contender: name, scenario: "transfer", parameters }, ground);
  });
  try {
    for (const entrant of field) {
      await entrant.enter();
      await entrant.warmUp(warmUpMs);
      watch.advance(START_MS + warmUpMs);
    }
    for (let round = 0; round < rounds; round++) {
      for (const entrant of rotated(field, round)) {
        await entrant.measure(measureMs);
        watch.advance(measureMs);
      }
    }
  } finally {
    await Promise.all(field.map((entrant) => entrant.leave()));
  }
  return field.map(({ series }) => series);
}

function expectHash(series: Series<WholeFileSample>, sha256: string): void {
  const wrong = series.samples.flatMap(({ arrived }) => arrived).find((arrival) => arrival.sha256 !== sha256);
  if (wrong === undefined) return;
  series.failure = `Other bytes arrived than were sent, in chunks of ${size(wrong.chunkBytes)}: SHA-256 ${wrong.sha256}`;
}
