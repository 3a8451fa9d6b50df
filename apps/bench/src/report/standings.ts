import type { Series } from "../runner/participant.ts";
import type { CostSample } from "../scenarios/scenario.ts";
import type { ShapeName } from "../scenarios/shapes.ts";
import type { SlowReaderSample } from "../scenarios/slow-reader.ts";
import { ratioOf } from "../runner/ratio.ts";
import { median, type Spread, spread } from "../statistics.ts";
import { implementation } from "../subjects/implementations.ts";

/** The results with chunks of one size, the fastest first, the failed ones last. */
export interface Standings {
  readonly chunkBytes: number;
  /** The reference of the comparison: PassThrough, otherwise TransformStream, otherwise the fastest peer; `undefined` without a measured peer. */
  readonly reference: string | undefined;
  readonly rows: readonly Standing[];
}

export interface Standing {
  readonly implementation: string;
  /** Finished rounds; 0 if it failed. */
  readonly rounds: number;
  readonly nsPerChunk: number | undefined;
  /** 1 MB is 1,000,000 bytes. */
  readonly megabytesPerSecond: number | undefined;
  /** From the ratios of the rounds, each against the reference in the same round. */
  readonly ratioToReference: Spread | undefined;
  /** Of the cost itself. */
  readonly spread?: Spread;
  /** The failure, if it failed. */
  readonly failure?: string;
  /** With a slow reader: the maximum of accepted and unread bytes. */
  readonly mostBytesHeld?: number;
}

/** The results of one of the scenarios without chunk sizes. */
export interface CostStandings extends Standings {
  readonly scenario: CostShape;
}

type CostShape = Exclude<ShapeName, "file" | "transfer" | "stall" | "timer" | "cancel">;

/** The results for each measured chunk size, in the order of measuring. */
export function standings(transfers: readonly Series<CostSample>[]): Standings[] {
  const begun = transfers.filter(({ samples, failure }) => samples.length > 0 || failure !== undefined);
  const sizes = [...new Set(begun.map(chunkBytesOf))];
  return sizes.map((chunkBytes) =>
    standingsOf(begun.filter((series) => chunkBytesOf(series) === chunkBytes)),
  );
}

/** The same for each scenario that measures another cost. */
export function costStandings(costs: readonly Series<CostSample>[]): CostStandings[] {
  const takingPart = costs.filter(({ failureKind }) => failureKind !== "takes no part");
  const begun = takingPart.filter(({ samples, failure }) => samples.length > 0 || failure !== undefined);
  const scenarios = [...new Set(begun.map(({ scenario }) => scenario))];
  return scenarios.map((scenario) => ({
    scenario: scenario as CostShape,
    ...standingsOf(begun.filter((series) => series.scenario === scenario)),
  }));
}

/** The order in every table, so that tables can be compared. */
const REFERENCES = ["PassThrough", "TransformStream"];

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

function standingsOf(transfers: readonly Series<CostSample>[]): Standings {
  const measured = transfers.filter(({ samples, failure }) => samples.length > 0 && failure === undefined);
  const inOrder = measured.toSorted((a, b) => cost(a) - cost(b));
  const reference =
    REFERENCES.map((name) => inOrder.find((series) => series.implementation === name)).find(isThere) ??
    inOrder.find((series) => implementation(series.implementation).role === "peer");
  const failed = transfers.filter((series) => !measured.includes(series));
  const rows = [...inOrder.map((series) => standing(series, reference)), ...failed.map(withoutResult)];
  return {
    chunkBytes: transfers[0] ? chunkBytesOf(transfers[0]) : 0,
    reference: reference?.implementation,
    rows,
  };
}

function standing(series: Series<CostSample>, reference: Series<CostSample> | undefined): Standing {
  const nsPerChunk = cost(series);
  return {
    implementation: series.implementation,
    rounds: series.samples.length,
    nsPerChunk,
    megabytesPerSecond: (chunkBytesOf(series) / nsPerChunk) * 1000,
    ratioToReference: reference && ratioOf(series, reference),
    spread: spread(series.samples.map((sample) => sample.cost)),
    ...mostHeld(series),
  };
}

function mostHeld({ samples }: Series<CostSample>): { mostBytesHeld?: number } {
  const held = samples.flatMap((sample) => (sample as Partial<SlowReaderSample>).mostBytesHeld ?? []);
  return held.length === 0 ? {} : { mostBytesHeld: Math.max(...held) };
}

function withoutResult({ implementation: name, failureKind }: Series<CostSample>): Standing {
  return {
    implementation: name,
    rounds: 0,
    nsPerChunk: undefined,
    megabytesPerSecond: undefined,
    ratioToReference: undefined,
    ...(failureKind === undefined ? {} : { failure: failureKind }),
  };
}

function cost({ samples }: Series<CostSample>): number {
  return median(samples.map((sample) => sample.cost));
}

function chunkBytesOf({ parameters }: Series<CostSample>): number {
  return parameters.chunkBytes ?? 0;
}
