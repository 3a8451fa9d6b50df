import type { Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";

/** One measurement: which implementation, in which load shape, with which sizes. */
export interface Measurement {
  readonly implementation: string;
  readonly scenario: ScenarioName;
  readonly parameters: Parameters;
}

/** A claim about speed or memory that `--check` checks on this machine. */
export interface Target {
  readonly id: string;
  readonly work: string;
  /** What it is compared with. */
  readonly against: string;
  /**
   * The ratio is the product of the costs of `of`, divided by the product of the costs of `over`. If `over` is empty, the
   * target is absolute: the ratio is a cost, in the unit of the measurement.
   */
  readonly of: readonly Measurement[];
  readonly over: readonly Measurement[];
  /** The maximum ratio. */
  readonly atMost: Limit;
  /**
   * The same work without a pipe, by the platform's own means. The report also shows its ratio to `over`, so that a reader
   * sees the part of the limit that is left for the pipe. It is not judged.
   */
  readonly floor?: readonly Measurement[];
}

/** One limit for all, or different limits for some major versions of Node and for `chromium`. */
export interface Limit {
  readonly default: number;
  readonly [runtime: string]: number;
}
