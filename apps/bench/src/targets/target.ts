import type { Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";

/** One thing to measure: who, in which load shape, how large. */
export interface Measurement {
  readonly contender: string;
  readonly scenario: ScenarioName;
  readonly parameters: Parameters;
}

/** A claim about speed or memory that `--check` holds against this machine. */
export interface Target {
  readonly id: string;
  readonly work: string;
  /** What it is held against. */
  readonly against: string;
  /**
   * The ratio is the product of the costs of `of`, divided by the product of the costs of `over`. Where `over` is empty, the
   * target is absolute: the ratio is a cost, in the unit of what is measured.
   */
  readonly of: readonly Measurement[];
  readonly over: readonly Measurement[];
  /** The ratio, at most. */
  readonly atMost: Limit;
  /**
   * The same work with no pipe, by the platform's own means. Its ratio to `over` is shown beside, so that a reader sees what a
   * limit leaves for the pipe; nobody is judged by it.
   */
  readonly floor?: readonly Measurement[];
}

/** One limit for all, or others for some major versions of Node and for `chromium`. */
export interface Limit {
  readonly default: number;
  readonly [runtime: string]: number;
}
