import type { PipeReport } from "@pipe512/core/diagnostics";

/**
 * Why something is told: the process ended although it waited; it waited when the process was ended; it waited for long; an end was
 * garbage-collected unclosed.
 */
export type Kind = "deadlock" | "waits" | "stall" | "leak";

/** What is found of one operation, or of lost ends. */
export interface Finding {
  readonly kind: Kind;
  /** The thread of the pipe, 0 for the main thread. Each thread counts its pipes by itself. */
  readonly thread: number;
  readonly pipe: PipeReport;
  readonly waitingMs: number;
  readonly explanation: string;
}

/** What the script's process tells the doctor, one a line: what it found, and as it ends how many pipes a thread has made. */
export type Message = Finding | { readonly kind: "pipes"; readonly count: number };

/** The file descriptor that it tells it by. */
export const LINE = 3;
