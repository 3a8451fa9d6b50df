import type { PipeReport } from "@pipe512/core/diagnostics";

/**
 * The kinds of findings: the process ended while an operation waited; an operation waited when the process was ended; it
 * waited for long; an end was garbage-collected without `close()`; an error of a pipe ended the process.
 */
export type Kind = "deadlock" | "waits" | "stall" | "leak" | "error";

/** A finding about one operation, or about lost ends. */
export interface Finding {
  readonly kind: Kind;
  /** The thread of the pipe, 0 for the main thread. Each thread counts its own pipes. */
  readonly thread: number;
  /** Missing if the pipe of an error is unknown, because it was made before the watch. */
  readonly pipe?: PipeReport | undefined;
  readonly waitingMs: number;
  readonly explanation: string;
  /** How often the same was found, if more than once. */
  readonly times?: number | undefined;
}

/** A message of the script's process to the doctor, one per line: a finding, or at the end the number of pipes of a thread. */
export type Message = Finding | { readonly kind: "pipes"; readonly count: number };

/** The file descriptor for these messages. */
export const LINE = 3;

/** Where the pipe was made: the frame of the program that called for it. */
export function frameOf({ pipe }: Finding): string | undefined {
  return pipe?.stack.split("\n").find((frame) => frame !== "" && !frame.includes("node:internal/"));
}
