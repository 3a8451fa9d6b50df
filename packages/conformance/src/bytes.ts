/** Sizes at which pipes fail most often: 1, around the capacity, twice the capacity, and one that divides neither. */
export const awkwardSizes: readonly number[] = [1, 511, 512, 513, 1024, 1033];

/** The byte for `position`. Neighbours differ, and so do bytes that are a power of two apart. */
const byteAt = (position: number): number => Math.imul(position, 0x9e3779b1) >>> 24;

/** Bytes that encode their position in a stream, so that a test finds a byte that is lost, duplicated, moved or changed, and its position. */
export function sequence(length: number, start = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => byteAt(start + index));
}

/** One array with the bytes of all parts, in order. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
