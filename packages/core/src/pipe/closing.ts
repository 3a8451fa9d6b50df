import { AbandonedPipeError, type ClosedPipeDetails, ClosedPipeError, type Side } from "../errors.ts";
import { FLUSH, READ, WRITE } from "./operation.ts";

/** How a side was closed. */
export interface Closing {
  readonly side: Side;
  /** `"failed"`: closed with an error. `"lost"`: garbage-collected without `close()`. */
  readonly how: "closed" | "failed" | "lost";
  /** The error of a side that failed. It may be any value. */
  readonly reason: unknown;
}

/**
 * Makes the error of an operation that failed because of `closing`.
 *
 * @param kind The kind of operation, such as `WRITE`.
 * @param length Number of bytes that were to be written or read.
 * @param moved Number of bytes that were moved before it failed.
 * @param name The name of the pipe, for the message.
 */
export function closedPipeError(
  closing: Closing,
  kind: number,
  length: number,
  moved: number,
  name: string | undefined,
): ClosedPipeError {
  const { side, how, reason } = closing;
  const operation = kind === WRITE ? "write" : kind === FLUSH ? "flush" : "read";
  const attempt =
    kind === WRITE ? `write ${length} bytes` : kind === READ ? `read up to ${length} bytes` : operation;
  const where = name === undefined ? "" : ` of pipe "${name}"`;
  const fate = how === "lost" ? "was garbage-collected without close()" : "closed";
  const reach =
    kind !== WRITE ? "" : moved === 0 ? " before any was accepted" : ` after ${moved} were accepted`;
  const message = `Cannot ${attempt}: the ${side}${where} ${fate}${reach}`;
  const details: ClosedPipeDetails = {
    side,
    operation,
    bytesWritten: kind <= FLUSH ? moved : 0,
    ...(how === "failed" && { cause: reason }),
  };
  return how === "lost" ? new AbandonedPipeError(message, details) : new ClosedPipeError(message, details);
}
