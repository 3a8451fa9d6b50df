/** The most bytes that one read asks for unless told otherwise. */
export const CHUNK_BYTES = 65_536;

/** What an end is asked where only its state matters: the answer is `null`, a rejection, or nothing of interest. */
export const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Takes `chunk` for bytes, of this realm or another.
 *
 * @throws {TypeError} If it is anything but a `Uint8Array`, or one whose memory is detached or shrunk.
 */
export function requireBytes(chunk: unknown, action: "write" | "read" | "read into"): Uint8Array {
  if (ArrayBuffer.isView(chunk) && (chunk as Uint8Array)[Symbol.toStringTag] === "Uint8Array") {
    const bytes = chunk as Uint8Array;
    return bytes.length === 0 ? new Uint8Array(bytes) : bytes; // A copy throws where there is no memory to copy.
  }
  const remedy = typeof chunk === "string" ? "encode it with a TextEncoderStream" : "give a Uint8Array";
  throw new TypeError(`Cannot ${action} ${describe(chunk)}: ${remedy}`);
}

/**
 * Takes an object that has the method which makes it what was asked for.
 *
 * @throws {TypeError} If it has not.
 */
export function requireMethod(value: unknown, method: string, kind: string): void {
  if (typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function") return;
  throw new TypeError(`Cannot use ${describe(value)}: give a ${kind}`);
}

/**
 * Takes the length of the longest chunk.
 *
 * @throws {RangeError} If it is no integer of at least 1.
 */
export function chunkSizeOf(options: { readonly chunkSize?: number | undefined } | undefined): number {
  const { chunkSize = CHUNK_BYTES } = options ?? {};
  if (Number.isSafeInteger(chunkSize) && chunkSize > 0) return chunkSize;
  throw new RangeError(
    `Cannot use chunkSize as it must be an integer of at least 1: received ${describe(chunkSize)}`,
  );
}

/** Names what was given instead of what was asked for: `a string`, `null`, `an instance of Date`. */
function describe(value: unknown): string {
  if (typeof value === "string" || typeof value === "symbol" || typeof value === "function") {
    return `a ${typeof value}`;
  }
  return typeof value === "object" && value !== null
    ? `an instance of ${Object.prototype.toString.call(value).slice(8, -1)}`
    : String(value);
}
