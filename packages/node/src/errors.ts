import { inspect } from "node:util";

/**
 * What a Node stream can carry for `error`: the same object, but for a falsy value, which Node takes for none. That
 * becomes an `Error` with the code `ERR_FALSY_ERROR` whose `cause` is the value.
 */
export function carriable(error: unknown): Error {
  if (error) return error as Error;
  const message = `Cannot carry ${String(error)} through a Node stream, which takes a falsy value for no error: see the cause`;
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

/** Names a value for the message of an error. */
export function shown(value: unknown): string {
  return inspect(value, { depth: -1 });
}

function coded(error: Error, code: string): Error {
  return Object.assign(error, { code });
}
