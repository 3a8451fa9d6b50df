import { ClosedPipeError, type Side } from "@pipe512/core";

/**
 * What a Node stream can carry for `error`: the same object, but for a falsy value, which Node takes for none. That
 * becomes an `Error` with the code `ERR_FALSY_ERROR` whose `cause` is the value.
 */
export function carriable(error: unknown): Error {
  if (error) return error as Error;
  const message = `Cannot carry ${String(error)} through a Node stream: Node treats a falsy value as no error; see the cause`;
  return coded(new Error(message, { cause: error }), "ERR_FALSY_ERROR");
}

/** What a reader gets where a stream was destroyed before its end: never a clean end. */
export function prematureClose(): Error {
  return coded(
    new Error("Cannot read on: the stream was destroyed before its end"),
    "ERR_STREAM_PREMATURE_CLOSE",
  );
}

/** What the callbacks of a destroyed stream get, by Node's own code. */
export function destroyed(operation: "write" | "end"): Error {
  return coded(new Error(`Cannot ${operation}: the stream was destroyed`), "ERR_STREAM_DESTROYED");
}

/** What a write is refused with after `accepted` of its bytes, where nobody gave an error. */
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
