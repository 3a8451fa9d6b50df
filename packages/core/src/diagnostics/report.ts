import type { Side } from "../errors.ts";

/** A pending operation. */
export interface WaitingOperation {
  /**
   * The call: `"write"`, `"flush"`, `"read"`, `"readChunk"` or `"ready"`; `"chunks"` or `"views"` for a step of such an
   * iteration; or the name that an adapter gives.
   */
  readonly operation: string;
  /** The length of its array, or the maximum length of its chunk, in bytes. 0 for a flush and for a call of an adapter. */
  readonly bytes: number;
  /** Number of bytes that it has moved so far. */
  readonly bytesMoved: number;
  /** The time that it has been pending, in milliseconds. */
  readonly waitingMs: number;
  /** A sentence that states the reason for the wait. */
  readonly explanation: string;
}

/** The state of one side of a pipe. `"failed"`: closed with an error. `"lost"`: garbage-collected without `close()`. */
export type SideState = "open" | "closed" | "failed" | "lost";

/** The state of a pipe, or of a conversion that contains no pipe, at one moment. */
export interface PipeReport {
  /** A number that identifies the pipe, counted from 1 in the order in which watched pipes were made. */
  readonly id: number;
  /** The `name` option of the pipe. */
  readonly name: string | undefined;
  /** The name of the conversion, such as `"fromWritable"`, if this is one without a pipe. Listed while a call is pending. */
  readonly conversion?: string | undefined;
  /** The time since it was made, in milliseconds. */
  readonly ageMs: number;
  readonly reader: SideState;
  readonly writer: SideState;
  readonly bytesInRing: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
  /** The pending operations, in the order of their calls. */
  readonly waiting: readonly WaitingOperation[];
  /** The total time during which each side had at least one pending operation, in milliseconds. */
  readonly waitedMs: { readonly reader: number; readonly writer: number };
  /** The stack of the call that made it, one frame a line, in the engine's format. */
  readonly stack: string;
}

/** An operation that has been pending for at least `stallAfterMs`. */
export interface StallReport {
  readonly pipe: PipeReport;
  readonly operation: WaitingOperation;
  /** The `explanation` of `operation`. */
  readonly explanation: string;
}

/** One or both ends of a pipe were garbage-collected without `close()`. */
export interface LeakReport {
  /** The state of the pipe when the first end was found to be collected, before operations waiting for it were rejected. */
  readonly pipe: PipeReport;
  /** The collected ends. */
  readonly ends: readonly Side[];
  readonly explanation: string;
}

/** Formats a duration for messages. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 119_500) return `${Math.round(ms / 100) / 10} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** Formats a number of bytes for messages. */
export function size(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}
