/** The byte that belongs at `position`: neighbours differ, and so do bytes that are any power of two apart. */
function byteAt(position: number): number {
  return Math.imul(position, 0x9e3779b1) >>> 24;
}

/** Bytes that carry their position in a stream, so that a lost, doubled, moved or changed one is seen, and where. */
export function sequence(length: number, start = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => byteAt(start + index));
}

/**
 * Checks that `bytes` are the ones that begin at position `start` of a {@link sequence}.
 *
 * @throws {Error} If one is not. The message names the first that is wrong by its position in the stream.
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
