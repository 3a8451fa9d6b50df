import { describe } from "./value.ts";

/** Tells the kind of a typed array by its internal slot: right for subclasses, for other realms and against forged prototypes. */
const tagOf: (this: unknown) => unknown = Reflect.get(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag) as {
    get(): unknown;
  },
  "get",
);

/** Whether `value` is a `Uint8Array`, of this realm or another. `Buffer` is one. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === "Uint8Array";
}

/**
 * Checks bytes that a caller passed.
 *
 * @param action What was attempted, for the message: `"write"`, `"read into"`, …
 * @throws {TypeError} If `value` is not a `Uint8Array`, or one whose buffer was detached or has shrunk below it.
 */
export function requireBytes(value: unknown, action: "write" | "read into" | "read" | "unread"): Uint8Array {
  if (!isBytes(value)) {
    const given = typeof value === "string" ? "a string" : describe(value); // Its text is the caller's data.
    const remedy =
      typeof value === "string" && action === "write"
        ? "encode it, or use writeText()"
        : value instanceof ArrayBuffer || ArrayBuffer.isView(value)
          ? "wrap its memory in a Uint8Array"
          : "pass a Uint8Array";
    throw new TypeError(`Cannot ${action} ${given}: ${remedy}`);
  }
  // Only an array that looks empty can be out of reach, so the others pay nothing for the question.
  if (value.length === 0 && isOutOfReach(value)) {
    throw new TypeError(
      `Cannot ${action} an array that was detached or shrunk: pass one that still has its memory`,
    );
  }
  return value;
}

/** Whether an array that looks empty is in truth one without its memory: every method of such an array throws. */
function isOutOfReach(bytes: Uint8Array): boolean {
  try {
    Uint8Array.prototype.at.call(bytes, 0);
    return false;
  } catch {
    return true;
  }
}

/**
 * Whether `bytes` spans the whole of a buffer that can be given away: then whoever gets the array gets all of its memory and
 * nobody else's.
 */
export function spansItsBuffer(bytes: Uint8Array): boolean {
  return bytes.byteLength === bytes.buffer.byteLength;
}
