import type { PipeReport } from "@pipe512/core/diagnostics";

/**
 * Why something is told: the process ended although it waited; it waited when the process was ended; it waited for long; an end was
 * garbage-collected unclosed; the process died of an error that a pipe gave.
 */
export type Kind = "deadlock" | "waits" | "stall" | "leak" | "error";

/** What is found of one operation, or of lost ends. */
export interface Finding {
  readonly kind: Kind;
  /** The thread of the pipe, 0 for the main thread. Each thread counts its pipes by itself. */
  readonly thread: number;
  /** Missing where the pipe of an error is not known, since it was not made under watch. */
  readonly pipe?: PipeReport | undefined;
  readonly waitingMs: number;
  readonly explanation: string;
  /** How often the same was found, where it was more than once. */
  readonly times?: number | undefined;
}

/** What the script's process tells the doctor, one a line: what it found, and as it ends how many pipes a thread has made. */
export type Message = Finding | { readonly kind: "pipes"; readonly count: number };

/** The file descriptor that it tells it by. */
export const LINE = 3;

/** Where the pipe was made: the one frame of the program that called for it. */
export function frameOf({ pipe }: Finding): string | undefined {
  return pipe?.stack.split("\n").find((frame) => frame !== "" && !frame.includes("node:internal/"));
}
