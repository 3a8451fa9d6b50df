import { requireThat } from "./requirement.ts";

declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/**
 * The bytes of a value that came from a source; a string's are its UTF-8.
 *
 * @throws {TypeError} If it is neither bytes nor a string, or its memory is gone.
 */
export function bytesOf(value: unknown): Uint8Array {
  if (typeof value === "string") return new TextEncoder().encode(value);
  const tag: string = Object.prototype.toString.call(value); // Right also for one of another realm.
  const holds = tag === "[object Uint8Array]" && ArrayBuffer.isView(value);
  requireThat(holds, "bytes", tag, "a Uint8Array or a string");
  (value as Uint8Array).at(0); // Throws where the array is detached, which looks empty.
  return value as Uint8Array;
}
