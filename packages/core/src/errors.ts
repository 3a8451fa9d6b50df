/** The two ends of a pipe. */
export type Side = "reader" | "writer";

/** What a {@link ClosedPipeError} says besides its message. */
export interface ClosedPipeDetails {
  /** The side that is closed, and so the reason for the failure. */
  readonly side: Side;
  /** The operation that failed, by its name: `"read"`, `"write"`, `"flush"`, … */
  readonly operation: string;
  /**
   * Bytes of the failed write that were accepted before it failed; for a flush, how many of the bytes written before it the reader had taken.
   *
   * @default {0}
   */
  readonly bytesWritten?: number | undefined;
  /** Why the side was closed, where it was closed with an error. It may be any value, `undefined` too: the key decides. */
  readonly cause?: unknown;
}

/**
 * An operation met a closed pipe. Go calls it `io.ErrClosedPipe`; this one also says how far the call had come.
 * Tell it by its `code`: two copies of this package may be installed, and `instanceof` knows one of them.
 */
export class ClosedPipeError extends Error {
  override readonly name: string = "ClosedPipeError";
  readonly code: "ERR_CLOSED_PIPE" | "ERR_ABANDONED_PIPE" = "ERR_CLOSED_PIPE";
  readonly side: Side;
  readonly operation: string;
  readonly bytesWritten: number;

  constructor(message: string, details: ClosedPipeDetails) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.side = details.side;
    this.operation = details.operation;
    this.bytesWritten = details.bytesWritten ?? 0;
  }
}

/**
 * The other end was garbage-collected without being closed, or its thread died, so nothing can come from it any more.
 * `side` is the end that was lost.
 */
export class AbandonedPipeError extends ClosedPipeError {
  override readonly name: string = "AbandonedPipeError";
  override readonly code = "ERR_ABANDONED_PIPE";
}

/** A stream ended inside something that was to be read whole. Go calls it `io.ErrUnexpectedEOF`. */
export class UnexpectedEndError extends Error {
  override readonly name: string = "UnexpectedEndError";
  readonly code = "ERR_UNEXPECTED_END";
  /** Bytes that were read, and are in the caller's array, before the end. */
  readonly bytesRead: number;

  constructor(message: string, details: { readonly bytesRead: number }) {
    super(message);
    this.bytesRead = details.bytesRead;
  }
}

/**
 * A foreign `Reader` answered 0 bytes 100 times in a row, or a foreign `Writer` accepted 0, without the event loop turning. Go calls it
 * `io.ErrNoProgress`.
 */
export class NoProgressError extends Error {
  override readonly name: string = "NoProgressError";
  readonly code = "ERR_NO_PROGRESS";
}
