import type { Open } from "../subjects/channel.ts";

/** What a scenario can be told. Sizes and counts; each scenario says which it uses. */
export interface Parameters {
  readonly chunkBytes?: number;
  readonly chunkSizesBytes?: readonly number[];
  /** Bytes of the file that are used, from its beginning; all of it unless told. */
  readonly poolBytes?: number;
  /** Length of the array that is read into. */
  readonly readBytes?: number;
  /** Bytes to move in each measurement, instead of as many as fit its time. */
  readonly totalBytes?: number;
  /** Each written array is given away. */
  readonly transfer?: boolean;
  /** Pipes that are in use at the same time. */
  readonly pipesAtOnce?: number;
  /** Whether the process may use one processor only. */
  readonly oneProcessor?: true;
  /** The part of all times that the cost is not below: half of them unless told. */
  readonly quantile?: number;
  /** How long it is silent before each time. */
  readonly pauseMs?: number;
  /** What of a silence is counted. */
  readonly count?: "CPU time" | "sleeps";
  /** Whether time counts while the process waits, for a thread or a processor: true of work that is spread over threads. */
  readonly wallClock?: boolean;
  /** Whether the reader is there before the writer. */
  readonly readerFirst?: boolean;
}

/** One load shape, ready to run in the process of the contender that it was prepared for. */
export interface Scenario<Sample extends object> {
  /** Runs until the engine has optimised what it will, and learns how much fits into a time. */
  warmUp(milliseconds: number): Promise<void>;
  /** Takes about so long, where the scenario does not decide that itself. */
  measure(milliseconds: number): Promise<Sample>;
}

/** Each scenario's file exports one. */
export type ScenarioClass<Sample extends object = object> = new (
  open: Open,
  file: Uint8Array,
  parameters: Parameters,
) => Scenario<Sample>;

/** What a scenario that measures a cost replies. */
export interface CostSample {
  /** Time or memory for one unit of work: the less, the better. */
  readonly cost: number;
  readonly unit: Unit;
  readonly steps: number;
  readonly elapsedNs: number;
}

type Unit =
  | "ns/chunk"
  | "ns/byte"
  | "ns/round trip"
  | "ns/pipe"
  | "ns/first byte"
  | "ns/arrival"
  | "bytes/pipe"
  | "ns of CPU/s"
  | "sleeps/s"
  | "sleeps/256 KiB";
