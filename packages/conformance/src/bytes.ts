/** Sizes at which pipes go wrong: around nothing, around the capacity, around twice of it, and one that divides neither. */
export const awkwardSizes: readonly number[] = [1, 511, 512, 513, 1024, 1033];

/** The byte that belongs at `position`: neighbours differ, and so do bytes that are any power of two apart. */
const byteAt = (position: number): number => Math.imul(position, 0x9e3779b1) >>> 24;

/** Bytes that carry their position in a stream, so that a lost, doubled, moved or changed one is seen, and where. */
export function sequence(length: number, start = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => byteAt(start + index));
}

/** One array with the bytes of all of them, in order. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
