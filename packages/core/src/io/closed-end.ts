import { ClosedPipeError, type Side } from "../errors.ts";

/** How an end that a helper made was closed by its own caller. The key `cause` is there where it was closed with an error. */
export interface OwnClosing {
  readonly cause?: unknown;
}

/** What an operation is rejected with once its own end is closed. */
export function ownClosedError(side: Side, operation: string, closing: OwnClosing): ClosedPipeError {
  return new ClosedPipeError(`Cannot ${operation}: the ${side} closed`, { side, operation, ...closing });
}
