import { describe } from "@pipe512/core/adapter";

/**
 * Checks that `stream` is a `ReadableStream` or a `WritableStream`.
 *
 * @throws {TypeError} If it does not have `method`, by which such a stream is locked.
 */
export function requireStream(stream: unknown, method: "getReader" | "getWriter"): void {
  if (typeof (stream as Record<string, unknown> | null | undefined)?.[method] === "function") return;
  const kind = method === "getReader" ? "ReadableStream" : "WritableStream";
  throw new TypeError(`stream must be a ${kind}; got ${describe(stream)}`);
}
