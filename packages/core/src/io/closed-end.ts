import { ClosedPipeError, type Side } from "../errors.ts";

/** How an end that a helper made was closed by its own caller. The key `cause` is there where it was closed with an error. */
export interface OwnClosing {
  readonly cause?: unknown;
}

/** What an operation is rejected with once its own end is closed. */
export function ownClosedError(side: Side, operation: string, closing: OwnClosing): ClosedPipeError {
  return new ClosedPipeError(`Cannot ${operation}: the ${side} closed`, { side, operation, ...closing });
}

/**
 * Whether `error` says no more than that the other side wants no more bytes. A caller that has closed too has nothing to do about that; any
 * other error it has to get.
 */
export function isLeaving(error: unknown): boolean {
  const { code, side } = Object(error) as Partial<ClosedPipeError>;
  return code === "ERR_CLOSED_PIPE" && side === "reader" && !("cause" in (error as object));
}
