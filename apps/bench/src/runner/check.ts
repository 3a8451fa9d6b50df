import type { CostSample } from "../scenarios/scenario.ts";
import { type Spread, spread, type Verdict, verdict } from "../statistics.ts";
import type { Limit, Measurement, Target } from "../targets/target.ts";
import { Participant, type Ground, rotated, type Series } from "./participant.ts";
import type { Runtimes } from "./runtimes.ts";
import type { Watch } from "./watch.ts";

export interface CheckPlan {
  readonly targets: readonly Target[];
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The time to start a process. */
  readonly startMs: number;
}

/** The result of one target. */
export interface Checked {
  readonly target: Target;
  readonly atMost: number;
  readonly of: readonly Series<CostSample>[];
  readonly over: readonly Series<CostSample>[];
  readonly floor: readonly Series<CostSample>[];
  /** The ratio of each round. */
  readonly ratios: readonly number[];
  /** The result of all rounds together, if there is one. */
  readonly ratio: Spread | undefined;
  /** The result with the floor in place of the pipe, if there is one. */
  readonly floorRatio: Spread | undefined;
  readonly verdict: Verdict | "not measured";
}

type Participants = Map<string, Participant<CostSample>>;

/**
 * Measures the targets and judges them. Every sample comes from a new process, so that an early decision of the engine's
 * compiler does not count as a property of the implementation. When the signal aborts, it stops and judges the samples so far.
 */
export async function check(plan: CheckPlan, ground: Ground, watch: Watch): Promise<Checked[]> {
  const participants = participantsOf(plan.targets, ground);
  for (const heat of heats(plan.targets)) {
    if (ground.signal.aborted) break;
    watch.stage(titleOf(heat, plan.targets));
    const field = [...new Set(heat.flatMap(keysOf))].flatMap((key) => participants.get(key) ?? []);
    for (let round = 0; round < plan.rounds; round++) {
      for (const participant of rotated(field, round)) {
        await participant.enter();
        await participant.warmUp(plan.warmUpMs);
        await participant.measure(plan.measureMs);
        await participant.leave();
        watch.advance(sampleMs(plan));
      }
    }
  }
  return plan.targets.map((target) => judge(target, participants, ground.runtimes));
}

/** `3 of 94: PERF-01 512 B, core await (and 2 more)`. */
function titleOf(heat: readonly Target[], all: readonly Target[]): string {
  const [first] = heat as readonly [Target];
  const more = heat.length === 1 ? "" : ` (and ${heat.length - 1} more)`;
  return `${all.indexOf(first) + 1} of ${all.length}: ${first.id} ${first.work}${more}`;
}

/** About how long a check will take. */
export function checkMs(plan: CheckPlan): number {
  return new Set(plan.targets.flatMap(keysOf)).size * plan.rounds * sampleMs(plan);
}

/** Includes a warm-up until costs are steady, and the run-up. */
function sampleMs({ startMs, warmUpMs, measureMs }: CheckPlan): number {
  return startMs + (warmUpMs + measureMs) * 1.2;
}

function judge(target: Target, participants: Participants, { node, browser }: Runtimes): Checked {
  const find = (measurement: Measurement) => participants.get(keyOf(measurement))?.series ?? [];
  const of = target.of.flatMap(find);
  const over = target.over.flatMap(find);
  const atMost = limitFor(target.atMost, browser === undefined ? node.version : "chromium");
  const ratios = ratiosOf(of, over);
  const ratio = spreadOf(ratios);
  const floor = (target.floor ?? []).flatMap(find);
  const floorRatio = floor.length === 0 ? undefined : spreadOf(ratiosOf(floor, over));
  return {
    target,
    atMost,
    of,
    over,
    floor,
    ratios,
    ratio,
    floorRatio,
    verdict: ratio ? verdict(ratio, atMost) : "not measured",
  };
}

function spreadOf(ratios: readonly number[]): Spread | undefined {
  return ratios.length === 0 ? undefined : spread(ratios);
}

/** One ratio for each round that all have finished; empty if one has failed. */
function ratiosOf(of: readonly Series<CostSample>[], over: readonly Series<CostSample>[]): number[] {
  const all = [...of, ...over];
  if (all.some(({ failure }) => failure !== undefined)) return [];
  const rounds = Math.min(...all.map(({ samples }) => samples.length));
  return Array.from({ length: rounds }, (_, round) => product(of, round) / product(over, round));
}

function product(series: readonly Series<CostSample>[], round: number): number {
  return series.reduce((cost, { samples }) => cost * (samples[round]?.cost ?? Number.NaN), 1);
}

/** The limit for a version of Node such as `26.10.0`, or for `chromium`. */
export function limitFor(limit: Limit, runtime: string): number {
  return limit[runtime.split(".")[0] ?? ""] ?? limit.default;
}

/** Targets that share a measurement are in one heat, so that it is taken once, and close in time to everything compared with it. */
function heats(targets: readonly Target[]): Target[][] {
  const groups: Target[][] = [];
  for (const target of targets) {
    const keys = keysOf(target);
    const group = groups.find((others) => others.flatMap(keysOf).some((key) => keys.includes(key)));
    if (group === undefined) groups.push([target]);
    else group.push(target);
  }
  return groups;
}

function participantsOf(targets: readonly Target[], ground: Ground): Participants {
  const measurements = targets.flatMap(measurementsOf);
  return new Map(
    measurements.map((measurement) => [keyOf(measurement), new Participant<CostSample>(measurement, ground)]),
  );
}

function keysOf(target: Target): string[] {
  return measurementsOf(target).map(keyOf);
}

function measurementsOf({ of, over, floor = [] }: Target): Measurement[] {
  return [...of, ...over, ...floor];
}

function keyOf(measurement: Measurement): string {
  return JSON.stringify(measurement);
}
