import type { CostSample } from "../scenarios/scenario.ts";
import { type Spread, spread, type Verdict, verdict } from "../statistics.ts";
import { contender } from "../subjects/contenders.ts";
import type { Limit, Measurement, Target } from "../targets.ts";
import { ContenderFailure, ContenderProcess } from "./contender-process.ts";
import { commandOf, type Runtimes } from "./runtimes.ts";
import type { Watch } from "./watch.ts";

export interface CheckPlan {
  readonly targets: readonly Target[];
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly file: string;
}

/** All samples of one measurement, in the order of the rounds. */
export interface Series {
  readonly measurement: Measurement;
  readonly samples: CostSample[];
  /** Why it is out, if it is. */
  failure?: string;
}

/** What became of one target. */
export interface Checked {
  readonly target: Target;
  readonly atMost: number;
  readonly of: readonly Series[];
  readonly over: readonly Series[];
  /** The ratio of each round. */
  readonly ratios: readonly number[];
  /** What the rounds say together, if there is one. */
  readonly ratio: Spread | undefined;
  readonly verdict: Verdict | "not measured";
}

const TIME_LIMIT_MS = 120_000;

/**
 * Measures what the targets need and judges them. Every sample comes from a fresh process: what an engine decided once
 * by luck of timing must not pass for a property of the contender. Stops early when the signal is aborted, and judges
 * what there is by then.
 */
export async function check(
  plan: CheckPlan,
  runtimes: Runtimes,
  watch: Watch,
  signal: AbortSignal,
): Promise<Checked[]> {
  const series = new Map<string, Series>();
  for (const heat of heats(plan.targets)) {
    watch.stage(heat.map(({ id, work }) => `${id} ${work}`).join("; "));
    const entrants = seriesOf(heat, series);
    for (let round = 0; round < plan.rounds; round++) {
      for (const entrant of rotated(entrants, round)) {
        if (signal.aborted) break;
        await sample(entrant, plan, runtimes, signal);
        watch.advance(sampleMs(plan));
      }
    }
  }
  return plan.targets.map((target) => judge(target, series, runtimes));
}

/** How long a check will take, about. */
export function checkMs(plan: CheckPlan): number {
  const series = new Map<string, Series>();
  seriesOf(plan.targets, series);
  return series.size * plan.rounds * sampleMs(plan);
}

function sampleMs({ warmUpMs, measureMs }: CheckPlan): number {
  return warmUpMs + measureMs + 100;
}

async function sample(
  entrant: Series,
  plan: CheckPlan,
  runtimes: Runtimes,
  signal: AbortSignal,
): Promise<void> {
  if (entrant.failure !== undefined) return;
  const { contender: name, scenario, parameters } = entrant.measurement;
  const command = commandOf(contender(name), runtimes);
  if (command === undefined) {
    entrant.failure = `no ${name} here`;
    return;
  }
  let child: ContenderProcess | undefined;
  try {
    child = await ContenderProcess.start(
      command,
      { contender: name, scenario, file: plan.file, parameters },
      TIME_LIMIT_MS,
    );
    await child.ask({ warmUpMs: plan.warmUpMs }, TIME_LIMIT_MS);
    entrant.samples.push(await child.ask<CostSample>({ measureMs: plan.measureMs }, TIME_LIMIT_MS));
  } catch (error) {
    if (!(error instanceof ContenderFailure)) throw error;
    if (!signal.aborted) entrant.failure = error.message;
  } finally {
    await child?.end();
  }
}

function judge(target: Target, series: ReadonlyMap<string, Series>, { node }: Runtimes): Checked {
  const find = (measurement: Measurement) => series.get(key(measurement)) as Series;
  const of = target.of.map(find);
  const over = target.over.map(find);
  const limit = limitFor(target.atMost, node.version);
  const ratios = ratiosOf(of, over);
  if (ratios.length === 0) {
    return { target, atMost: limit, of, over, ratios, ratio: undefined, verdict: "not measured" };
  }
  const ratio = spread(ratios);
  return { target, atMost: limit, of, over, ratios, ratio, verdict: verdict(ratio, limit) };
}

/** One ratio for each round that everybody finished; none where somebody is out. */
function ratiosOf(of: readonly Series[], over: readonly Series[]): number[] {
  const all = [...of, ...over];
  if (all.some(({ failure }) => failure !== undefined)) return [];
  const rounds = Math.min(...all.map(({ samples }) => samples.length));
  return Array.from({ length: rounds }, (_, round) => product(of, round) / product(over, round));
}

function product(series: readonly Series[], round: number): number {
  return series.reduce((cost, { samples }) => cost * (samples[round]?.cost ?? Number.NaN), 1);
}

/** The limit for a version of Node such as `26.10.0`. */
export function limitFor(limit: Limit, nodeVersion: string): number {
  return limit[nodeVersion.split(".")[0] ?? ""] ?? limit.default;
}

/** Targets that share a measurement belong to one heat, so that it is taken once and close to all that it is compared with. */
function heats(targets: readonly Target[]): Target[][] {
  const groups: Target[][] = [];
  for (const target of targets) {
    const keys = keysOf(target);
    const group = groups.find((others) =>
      others.some((other) => keysOf(other).some((one) => keys.includes(one))),
    );
    if (group === undefined) groups.push([target]);
    else group.push(target);
  }
  return groups;
}

function seriesOf(targets: readonly Target[], known: Map<string, Series>): Series[] {
  const wanted = new Set(targets.flatMap(keysOf));
  for (const measurement of targets.flatMap(({ of, over }) => [...of, ...over])) {
    if (!known.has(key(measurement))) known.set(key(measurement), { measurement, samples: [] });
  }
  return [...wanted].map((wantedKey) => known.get(wantedKey) as Series);
}

function keysOf({ of, over }: Target): string[] {
  return [...of, ...over].map(key);
}

function key(measurement: Measurement): string {
  return JSON.stringify(measurement);
}

/** Another one goes first in each round, so that the order favours nobody. */
export function rotated<Item>(items: readonly Item[], round: number): Item[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
