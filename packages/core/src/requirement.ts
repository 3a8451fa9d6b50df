import { isBytes } from "./bytes.ts";
import type { Reader, Writer } from "./types.ts";
import { describe } from "./value.ts";

/**
 * Checks that `value` is a `Reader` (PIPE-064).
 *
 * @param name The parameter's name, for the message.
 * @throws {TypeError} If `read`, `close` or `closeWithError` is missing. The message names the function that converts `value`.
 */
export function requireReader(value: unknown, name = "reader"): asserts value is Reader {
  if (has(value, "read", "close", "closeWithError")) return;
  throw new TypeError(
    `${name} must be a Reader, with read(), close() and closeWithError(); got ${readerAdvice(value)}`,
  );
}

/**
 * Checks that `value` is a `Writer` (PIPE-064).
 *
 * @param name The parameter's name, for the message.
 * @throws {TypeError} If `write`, `close` or `closeWithError` is missing. The message names the function that converts `value`.
 */
export function requireWriter(value: unknown, name = "writer"): asserts value is Writer {
  if (has(value, "write", "close", "closeWithError")) return;
  throw new TypeError(
    `${name} must be a Writer, with write(), close() and closeWithError(); got ${writerAdvice(value)}`,
  );
}

/** Describes a value that is not a Reader, and says how to get a Reader from it. */
export function readerAdvice(value: unknown): string {
  if (typeof value === "function") return "a function: use readerFrom()";
  if (typeof value === "string" || isBytes(value)) {
    return `${typeof value === "string" ? "a string" : describe(value)}: use fromIterable([value])`;
  }
  if (has(value, "pipe", "on")) return "a Node stream: use fromReadable() of @pipe512/node";
  if (has(value, "getReader")) return "a Web stream: use fromReadableStream() of @pipe512/web";
  if (has(value, "then")) return "a promise: await it first";
  if (has(value, "subscribe")) return "an Observable: use fromObservable() of @pipe512/rxjs";
  if (has(value, "stream", "arrayBuffer"))
    return `${describe(value)}: use fromReadableStream(value.stream())`;
  if (has(value, "arrayBuffer")) return `${describe(value)}: use fromReadableStream(value.body)`;
  if (property(value, "reader") !== undefined) return "an object with a reader: pass its reader";
  if (property(value, "readable") !== undefined) return "an object with a readable side: convert that side";
  if (property(value, Symbol.asyncIterator) !== undefined || property(value, Symbol.iterator) !== undefined) {
    return `${describe(value)}: use fromIterable()`;
  }
  return describe(value);
}

/** Describes a value that is not a Writer, and says how to get a Writer from it. */
export function writerAdvice(value: unknown): string {
  if (typeof value === "function") return "a function: use writerTo()";
  if (has(value, "write", "on")) return "a Node stream: use fromWritable() of @pipe512/node";
  if (has(value, "getWriter")) return "a Web stream: use fromWritableStream() of @pipe512/web";
  if (has(value, "then")) return "a promise: await it first";
  if (property(value, "writer") !== undefined) return "an object with a writer: pass its writer";
  if (property(value, "writable") !== undefined) return "an object with a writable side: convert that side";
  return describe(value);
}

function has(value: unknown, ...methods: readonly string[]): boolean {
  return methods.every((name) => typeof property(value, name) === "function");
}

/** Reads a property of any value. Returns `undefined` if reading it throws. */
export function property(value: unknown, name: string | symbol): unknown {
  try {
    return (value as Record<string | symbol, unknown> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
