import { describe } from "./value.ts";

/** Reads the type name from the internal slot, which is right for subclasses, other realms and forged prototypes. */
const tagOf: (this: unknown) => unknown = Reflect.get(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag) as {
    get(): unknown;
  },
  "get",
);

/** Whether `value` is a `Uint8Array` of any realm, or an instance of a subclass such as `Buffer`. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === "Uint8Array";
}

/**
 * Checks an array that a caller passed, and returns it.
 *
 * @param action What was attempted, for the message: `"write"`, `"read into"`, …
 * @throws {TypeError} If `value` is not a `Uint8Array`.
 * @throws {TypeError} If its buffer was detached, or has become smaller than the array.
 */
export function requireBytes(value: unknown, action: "write" | "read into" | "read" | "unread"): Uint8Array {
  if (!isBytes(value)) {
    const given = typeof value === "string" ? "a string" : describe(value); // The text may be confidential.
    const remedy =
      typeof value === "string" && action === "write"
        ? "encode it, or use writeText()"
        : value instanceof ArrayBuffer || ArrayBuffer.isView(value)
          ? "wrap its memory in a Uint8Array"
          : "pass a Uint8Array";
    throw new TypeError(`Cannot ${action} ${given}: ${remedy}`);
  }
  // An array without its memory has length 0, so longer arrays need no further check.
  if (value.length === 0 && isOutOfReach(value)) {
    throw new TypeError(
      `Cannot ${action} an array that was detached or shrunk: pass one that still has its memory`,
    );
  }
  return value;
}

/** Whether an array of length 0 has lost its memory. Every method of such an array throws. */
function isOutOfReach(bytes: Uint8Array): boolean {
  try {
    Uint8Array.prototype.at.call(bytes, 0);
    return false;
  } catch {
    return true;
  }
}

/**
 * Whether `bytes` spans its whole buffer. Only such an array may be transferred: its buffer holds no other data, and
 * no other array uses the same memory.
 */
export function spansItsBuffer(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength;
}
