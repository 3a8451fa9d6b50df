/** The two ends of a pipe. */
export type Side = "reader" | "writer";

/** The properties of a {@link ClosedPipeError}. */
export interface ClosedPipeDetails {
  /** The side whose closing made the operation fail. */
  readonly side: Side;
  /** The name of the operation that failed: `"read"`, `"write"`, `"flush"`, … */
  readonly operation: string;
  /**
   * For a write, the number of its bytes that were accepted before it failed. For a flush, the number of bytes written
   * before it that the reader had read.
   *
   * @default {0}
   */
  readonly bytesWritten?: number | undefined;
  /**
   * The error that the side was closed with. It may be any value. `undefined` is a cause too: the key is absent if the side
   * was closed without an error.
   */
  readonly cause?: unknown;
}

/**
 * An operation failed because an end of the pipe is closed. It corresponds to Go's `io.ErrClosedPipe`.
 *
 * Check its `code`, not `instanceof`: if two copies of this package are installed, each has its own class.
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
 * The other end was garbage-collected without `close()`, or its thread died. `side` is that end.
 */
export class AbandonedPipeError extends ClosedPipeError {
  override readonly name: string = "AbandonedPipeError";
  override readonly code = "ERR_ABANDONED_PIPE";
}

/** The stream ended before the required number of bytes was read. It corresponds to Go's `io.ErrUnexpectedEOF`. */
export class UnexpectedEndError extends Error {
  override readonly name: string = "UnexpectedEndError";
  readonly code = "ERR_UNEXPECTED_END";
  /** Number of bytes that were read before the end. They are in the caller's array. */
  readonly bytesRead: number;

  constructor(message: string, details: { readonly bytesRead: number }) {
    super(message);
    this.bytesRead = details.bytesRead;
  }
}

/**
 * A foreign `Reader` or `Writer` moved 0 bytes 100 times in a row within one iteration of the event loop. It corresponds to
 * Go's `io.ErrNoProgress`.
 */
export class NoProgressError extends Error {
  override readonly name: string = "NoProgressError";
  readonly code = "ERR_NO_PROGRESS";
}
