import type { Load, Source } from "../load.ts";

/** The ways to another thread, each a file beside this one that has both sides of it. */
export type WayName = "shared-pipe" | "messages" | "stream" | "ringbuf" | "fifo" | "bare-wait";

/** What the other thread is asked for. */
export interface Order {
  readonly way: WayName;
  readonly task: keyof FarSide<unknown>;
  /** What the way needs of its other side: handles, ports, paths. */
  readonly ends: unknown;
  /** What to cut chunks from; absent where it is what it was the last time. */
  readonly source?: Source | undefined;
  readonly count?: number;
  readonly pauseMs?: number;
}

/** What a way does in the other thread. */
export interface FarSide<Ends> {
  /** Sends the whole load, and says that this was all. */
  send(ends: Ends, load: Load): void;
  /** Sends back whatever comes, until the end. */
  answer?(ends: Ends): void;
  /** Sends the time in ns, so many times, each after so long a silence. */
  sendLate?(ends: Ends, count: number, pauseMs: number): void;
  /** Blocks until the end, for bytes that do not come. */
  wait?(ends: Ends): void;
}

const pauseWord = new Int32Array(new SharedArrayBuffer(4));

/** Stands still for so long. */
export function pause(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(pauseWord, 0, 0, milliseconds);
}

/** The time of a clock that all threads share, in ns. */
export function now(): number {
  return Number(process.hrtime.bigint());
}
