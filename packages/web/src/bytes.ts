import { describe, isBytes, requireBytes } from "@pipe512/core/adapter";

/** The default maximum number of bytes of one read. */
export const CHUNK_BYTES = 65_536;

export const NOTHING: Uint8Array = new Uint8Array(0);

/** A chunk of bytes, as Web Streams accept it. */
export type Chunk = ArrayBuffer | ArrayBufferView;

/** The getter of `byteLength`. It throws if its receiver is not an `ArrayBuffer` of any realm. */
const byteLengthOf: (this: unknown) => number = Reflect.get(
  Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength") as { get(): number },
  "get",
);

/**
 * Returns the bytes of a chunk as a view of the same memory.
 *
 * @throws {TypeError} If `chunk` is not an `ArrayBuffer`, a `DataView` or a typed array.
 * @throws {TypeError} If its memory is detached or was shrunk.
 */
export function bytesOf(chunk: unknown, action: "write" | "read"): Uint8Array {
  if (isBytes(chunk)) return requireBytes(chunk, action);
  // These constructors throw if the memory is detached.
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (isBuffer(chunk)) return new Uint8Array(chunk);
  const given = typeof chunk === "string" ? "a string" : describe(chunk); // Omits the text, which is the caller's data.
  const remedy =
    typeof chunk === "string"
      ? "encode it with a TextEncoderStream"
      : "a chunk must be a Uint8Array, another view or an ArrayBuffer";
  throw new TypeError(`Cannot ${action} ${given}: ${remedy}`);
}

function isBuffer(value: unknown): value is ArrayBuffer {
  try {
    byteLengthOf.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether `bytes` covers its whole buffer, so that no other data lies in the same memory. */
export function spansItsBuffer(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength;
}
