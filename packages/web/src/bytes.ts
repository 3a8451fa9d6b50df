import { describe, isBytes, requireBytes } from "@pipe512/core/adapter";

/** The most bytes that one read asks for by default. */
export const CHUNK_BYTES = 65_536;

export const NOTHING: Uint8Array = new Uint8Array(0);

/** What streams accept as bytes. */
export type Chunk = ArrayBuffer | ArrayBufferView;

/** Throws where its receiver is not an `ArrayBuffer`, of this realm or another. */
const byteLengthOf: (this: unknown) => number = Reflect.get(
  Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength") as { get(): number },
  "get",
);

/**
 * The bytes of a chunk, over the same memory.
 *
 * @throws {TypeError} If `chunk` is not an `ArrayBuffer`, a `DataView` or a typed array, or its memory is detached or shrunk.
 */
export function bytesOf(chunk: unknown, action: "write" | "read"): Uint8Array {
  if (isBytes(chunk)) return requireBytes(chunk, action);
  // Each of these constructors throws where the memory is detached.
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (isBuffer(chunk)) return new Uint8Array(chunk);
  const given = typeof chunk === "string" ? "a string" : describe(chunk); // Its text is the caller's data.
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

/** Whether nobody else can have a part of the memory of `bytes`. */
export function spansItsBuffer(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength;
}
