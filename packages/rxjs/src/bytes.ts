import { requireBytes } from "@pipe512/core/adapter";

declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/**
 * Returns the bytes of a value that a source emitted. A string is encoded as UTF-8.
 *
 * @throws {TypeError} If `value` is neither a `Uint8Array` nor a string.
 * @throws {TypeError} If its memory is detached.
 */
export function bytesOf(value: unknown, action: "write" | "read"): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : requireBytes(value, action);
}
