import { describe } from "@pipe512/core/adapter";

/**
 * Checks that `stream` is a `node:stream` stream that supports `operation`.
 *
 * @throws {TypeError} If it is not. The message names the function that converts it to a `Reader` or a `Writer`.
 */
export function requireStream(stream: unknown, operation: "read" | "write"): void {
  if ([operation, "on", "destroy"].every((name) => typeof member(stream, name) === "function")) return;
  const [name, kind] = operation === "read" ? ["readable", "Readable"] : ["writable", "Writable"];
  const advice = operation === "read" ? readerAdvice(stream) : writerAdvice(stream);
  throw new TypeError(`${name} must be a ${kind} of node:stream; got ${describe(stream)}${advice}`);
}

function readerAdvice(value: unknown): string {
  if (has(value, "getReader")) return ": use fromReadableStream() of @pipe512/web";
  if (has(value, "closeWithError") && has(value, "read")) return ", which is a Reader already";
  if (has(value, Symbol.asyncIterator) || has(value, Symbol.iterator)) {
    return ": use fromIterable() of @pipe512/core";
  }
  return "";
}

function writerAdvice(value: unknown): string {
  if (has(value, "getWriter")) return ": use fromWritableStream() of @pipe512/web";
  if (has(value, "closeWithError") && has(value, "write")) return ", which is a Writer already";
  return "";
}

const has = (value: unknown, name: string | symbol): boolean => typeof member(value, name) === "function";

/** Returns a member of any value, or `undefined` if it has none or reading it throws. */
function member(value: unknown, name: string | symbol): unknown {
  try {
    return (value as Record<string | symbol, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
