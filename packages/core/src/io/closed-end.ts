import { ClosedPipeError, type Side } from "../errors.ts";

/** The close of an end that a helper made, by its own caller. It has the key `cause` if it was closed with an error. */
export interface OwnClosing {
  readonly cause?: unknown;
}

/** Makes the error of an operation whose own end is closed. */
export function ownClosedError(side: Side, operation: string, closing: OwnClosing): ClosedPipeError {
  return new ClosedPipeError(`Cannot ${operation}: the ${side} closed`, { side, operation, ...closing });
}

/**
 * Whether `error` only means that the reader closed without an error. A caller that has already closed the writer can ignore
 * it; any other error must be reported.
 */
export function isLeaving(error: unknown): boolean {
  const { code, side } = Object(error) as Partial<ClosedPipeError>;
  return code === "ERR_CLOSED_PIPE" && side === "reader" && !("cause" in (error as object));
}
