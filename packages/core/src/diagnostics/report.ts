import type { Side } from "../errors.ts";

/** An operation that waits. */
export interface WaitingOperation {
  /**
   * The call: `"write"`, `"flush"`, `"read"`, `"readChunk"`, `"ready"`, a step of an iteration over `"chunks"` or `"views"`, or what an adapter
   * calls it.
   */
  readonly operation: string;
  /** Bytes it was called with: the length of the array, or the most that a chunk may have. 0 for a flush, and for a call of an adapter. */
  readonly bytes: number;
  /** Bytes of these that it has moved. */
  readonly bytesMoved: number;
  /** How long it has waited, in milliseconds. */
  readonly waitingMs: number;
  /** What it waits for, in words. */
  readonly explanation: string;
}

/** How a side of a pipe stands. `"failed"` is a close with an error, `"lost"` an end that was garbage-collected unclosed. */
export type SideState = "open" | "closed" | "failed" | "lost";

/** A pipe, as it stands at one moment. */
export interface PipeReport {
  /** Counts the pipes made under watch, from 1. */
  readonly id: number;
  /** What it was named: `pipe({ name })`. */
  readonly name: string | undefined;
  /** For a conversion without a pipe of its own, such as `fromWritable()`, what it is called. It is listed while a call waits in it. */
  readonly conversion?: string | undefined;
  /** How long ago it was made, in milliseconds. */
  readonly ageMs: number;
  readonly reader: SideState;
  readonly writer: SideState;
  readonly bytesInRing: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
  /** The operations that wait, in the order of their calls. */
  readonly waiting: readonly WaitingOperation[];
  /** How long each side has waited for the other since the pipe was made, in milliseconds: the time in which any of its operations waited. */
  readonly waitedMs: { readonly reader: number; readonly writer: number };
  /** Where it was made: the callers of `pipe()`, one a line, as the engine writes them. */
  readonly stack: string;
}

/** An operation has waited for longer than `stallAfterMs`. */
export interface StallReport {
  readonly pipe: PipeReport;
  readonly operation: WaitingOperation;
  /** The same as that of the operation. */
  readonly explanation: string;
}

/** An end was garbage-collected although it was not closed. */
export interface LeakReport {
  /** As it stood when the end was found lost, before the operations that waited for that end were rejected. */
  readonly pipe: PipeReport;
  /** The ends that were lost: the first one found, and the other where it went with it. */
  readonly ends: readonly Side[];
  readonly explanation: string;
}

/** A time, for people. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 119_500) return `${Math.round(ms / 100) / 10} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** A number of bytes, for people. */
export function size(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}
