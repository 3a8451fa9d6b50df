/** Sizes at which pipes may fail: around 0, around the capacity, around twice the capacity, and one that divides neither. */
export const awkwardSizes: readonly number[] = [0, 1, 511, 512, 513, 1024, 1033];

/** The byte that belongs at `position`. Neighbours differ, and so do bytes whose distance is a power of two. */
function byteAt(position: number): number {
  return Math.imul(position, 0x9e3779b1) >>> 24;
}

/** Bytes that encode their position in a stream, so that a lost, duplicated, moved or changed byte is detected. */
export function sequence(length: number, start = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => byteAt(start + index));
}

/**
 * Checks that `bytes` are the ones that begin at position `start` of a {@link sequence}.
 *
 * @throws {Error} If a byte is wrong. The message contains the stream position of the first wrong byte.
 */
export function expectSequence(bytes: Uint8Array, start = 0): void {
  bytes.forEach((byte, index) => {
    const position = start + index;
    if (byte === byteAt(position)) return;
    throw new Error(
      `Byte ${position} is wrong (index ${index} of ${bytes.length}): expected ${byteAt(position)}, got ${byte}`,
    );
  });
}

/**
 * Does the same as {@link expectSequence}, and checks that there are `length` bytes.
 *
 * @throws {Error} If there are more or fewer bytes, or if a byte is wrong.
 */
export function expectWhole(bytes: Uint8Array, length: number, start = 0): void {
  expectSequence(bytes, start);
  if (bytes.length !== length) throw new Error(`Expected ${length} bytes, got ${bytes.length}`);
}

/** One array with the bytes of all arrays, in order. */
export function joined(parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = [...parts];
  const bytes = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of all) {
    bytes.set(part, position);
    position += part.length;
  }
  return bytes;
}

/** `bytes` in pieces. Their lengths repeat in the given order. */
export function cut(bytes: Uint8Array, ...lengths: number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = lengths[pieces.length % lengths.length] ?? 1;
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  return pieces;
}
