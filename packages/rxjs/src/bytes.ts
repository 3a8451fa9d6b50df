import { requireBytes } from "@pipe512/core/adapter";

declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/**
 * The bytes of a value that came from a source; a string's are its UTF-8.
 *
 * @throws {TypeError} If it is neither bytes nor a string, or its memory is gone.
 */
export function bytesOf(value: unknown, action: "write" | "read"): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : requireBytes(value, action);
}
