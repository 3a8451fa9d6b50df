import { ClosedPipeError, type Side } from "@pipe512/core";

/**
 * Returns an error that a Node stream can carry: `error` itself if it is truthy. A falsy value, which Node treats as no
 * error, becomes an `Error` of code `ERR_FALSY_ERROR` whose `cause` is the value.
 */
export function carriable(error: unknown): Error {
  if (error) return error as Error;
  const message = `Cannot use ${String(error)} as the error of a Node stream: Node treats a falsy value as no error; see the cause`;
  return coded(new Error(message, { cause: error }), "ERR_FALSY_ERROR");
}

/** The error of a reader whose stream was destroyed before its end. */
export function prematureClose(): Error {
  return coded(
    new Error("Cannot read: the stream was destroyed before its end"),
    "ERR_STREAM_PREMATURE_CLOSE",
  );
}

/** The error for callbacks of a destroyed stream, with Node's own code. */
export function destroyed(operation: "write" | "end"): Error {
  return coded(new Error(`Cannot ${operation}: the stream was destroyed`), "ERR_STREAM_DESTROYED");
}

/** The error of a write that failed after `accepted` of its bytes, if the other end gave no error. */
export function closedPipe(side: Side, who: string, length: number, accepted: number): ClosedPipeError {
  return new ClosedPipeError(`Cannot write ${length} bytes: ${who} after ${accepted} were accepted`, {
    side,
    operation: "write",
    bytesWritten: accepted,
  });
}

function coded(error: Error, code: string): Error {
  return Object.assign(error, { code });
}
