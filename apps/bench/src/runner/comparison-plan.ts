import type { ShapeName } from "../scenarios/shapes.ts";
import type { Implementation } from "../subjects/implementation.ts";
import { GIVEN_AWAY_BYTES } from "../subjects/implementations.ts";

export interface ComparisonPlan {
  readonly implementations: readonly Implementation[];
  readonly scenarios: readonly ShapeName[];
  readonly chunkSizesBytes: readonly number[];
  /** The minimum number of rounds; see `prolongMs`. */
  readonly rounds: number;
  /** How many processes of each implementation share the rounds of a chunk size, one after the other. */
  readonly processes: number;
  /** The minimum warm-up. It continues until the cost is steady. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The same for the other scenarios that measure a cost. */
  readonly costMs: number;
  /** The time for additional rounds of a chunk size, if an important ratio is not precise enough. */
  readonly prolongMs: number;
  /** How long the transfer beside a timer takes. */
  readonly timerMs: number;
  /** How long a reader stalls, for each chunk size. */
  readonly stallMs: number;
  /** The time to start a process if two start at the same time. */
  readonly startMs: number;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
}

/** The implementations that take part with chunks of this size. */
export function fieldOf(
  implementations: readonly Implementation[],
  chunkBytes: number,
): readonly Implementation[] {
  return implementations.filter(({ givesAway }) => givesAway === undefined || chunkBytes >= GIVEN_AWAY_BYTES);
}

/** The part of a plan that determines how long each implementation is measured. */
export type Durations = Pick<
  ComparisonPlan,
  "rounds" | "processes" | "startMs" | "warmUpMs" | "measureMs" | "prolongMs"
>;

/** For the scenarios beside the transfer: fewer rounds, so that all of them fit. */
export function shortened({ rounds, processes, startMs, warmUpMs, costMs }: ComparisonPlan): Durations {
  return {
    rounds: Math.min(rounds, 6),
    processes,
    startMs,
    warmUpMs: warmUpMs / 2,
    measureMs: costMs,
    prolongMs: 0,
  };
}
