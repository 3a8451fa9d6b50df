import { describe } from "@pipe512/core/adapter";

/**
 * Checks that `stream` is a stream of the kind.
 *
 * @throws {TypeError} If it has not the method by which such a stream is locked.
 */
export function requireStream(stream: unknown, method: "getReader" | "getWriter"): void {
  if (typeof (stream as Record<string, unknown> | null | undefined)?.[method] === "function") return;
  const kind = method === "getReader" ? "ReadableStream" : "WritableStream";
  throw new TypeError(`stream must be a ${kind}; got ${describe(stream)}`);
}
