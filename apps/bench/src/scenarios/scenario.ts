import type { Open } from "../subjects/channel.ts";

/** The parameters of a scenario: sizes and counts. Each scenario states which ones it uses. */
export interface Parameters {
  readonly chunkBytes?: number;
  readonly chunkSizesBytes?: readonly number[];
  /** How many bytes of the file are used, from its beginning; by default all. */
  readonly poolBytes?: number;
  /** Length of the array that is read into. */
  readonly readBytes?: number;
  /** Bytes to move in each measurement, instead of as many as fit its time. */
  readonly totalBytes?: number;
  /** Each write transfers ownership of its array. */
  readonly transfer?: boolean;
  /** Pipes that are in use at the same time. */
  readonly pipesAtOnce?: number;
  /** Whether the process may use one processor only. */
  readonly oneProcessor?: true;
  /** The quantile of all times that is the cost; by default the median. */
  readonly quantile?: number;
  /** How long the silence before each time is. */
  readonly pauseMs?: number;
  /** What is counted during a silence. */
  readonly count?: "CPU time" | "sleeps";
  /** Whether time counts while the process waits, for a thread or a processor. True for work that is spread over threads. */
  readonly wallClock?: boolean;
  /** Whether the reader waits before the writer writes. */
  readonly readerFirst?: boolean;
}

/** One load shape, ready to run in the process of the implementation that it was prepared for. */
export interface Scenario<Sample extends object> {
  /** Runs until the engine has optimised the code, and measures how much fits into a time. */
  warmUp(milliseconds: number): Promise<void>;
  /** Takes about this time, unless the scenario decides that itself. */
  measure(milliseconds: number): Promise<Sample>;
}

/** Each scenario's file exports one. */
export type ScenarioClass<Sample extends object = object> = new (
  open: Open,
  file: Uint8Array,
  parameters: Parameters,
) => Scenario<Sample>;

/** The reply of a scenario that measures a cost. */
export interface CostSample {
  /** Time or memory for one unit of work. Less is better. */
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
