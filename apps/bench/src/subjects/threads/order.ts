import type { Load, Source } from "../load.ts";

/** The transports to another thread. Each is a file beside this one and contains both sides. */
export type WayName = "shared-pipe" | "messages" | "stream" | "ringbuf" | "fifo" | "bare-wait";

/** The task of the other thread. */
export interface Order {
  readonly way: WayName;
  readonly task: keyof FarSide<unknown>;
  /** What the transport needs of its other side: handles, ports, paths. */
  readonly ends: unknown;
  /** The array to cut chunks from; absent if it is the same as the last time. */
  readonly source?: Source | undefined;
  readonly count?: number;
  readonly pauseMs?: number;
}

/** The side of a transport in the other thread. */
export interface FarSide<Ends> {
  /** Sends the whole load, then the end. */
  send(ends: Ends, load: Load): void;
  /** Sends back every byte, until the end. */
  answer?(ends: Ends): void;
  /** Sends the time in ns, this many times, each after a silence. */
  sendLate?(ends: Ends, count: number, pauseMs: number): void;
  /** Blocks until the end, for bytes that do not come. */
  wait?(ends: Ends): void;
}

const pauseWord = new Int32Array(new SharedArrayBuffer(4));

/** Blocks for this time. */
export function pause(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(pauseWord, 0, 0, milliseconds);
}

/** The time of a clock that all threads share, in ns. */
export function now(): number {
  return Number(process.hrtime.bigint());
}
