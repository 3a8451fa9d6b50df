/** Sizes at which pipes go wrong: around nothing, around the capacity, around twice of it, and one that divides neither. */
export const awkwardSizes: readonly number[] = [0, 1, 511, 512, 513, 1024, 1033];

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
export function expectSequence(bytes: Uint8Array, length: number, start = 0): void {
  for (const [index, byte] of bytes.entries()) {
    const position = start + index;
    if (byte !== byteAt(position)) {
      throw new Error(`Byte ${position} is wrong: expected ${byteAt(position)}, got ${byte}`);
    }
  }
  if (bytes.length !== length) throw new Error(`Expected ${length} bytes, got ${bytes.length}`);
}

/** One array with the bytes of all of them, in order. */
export async function joined(
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const blobParts: BlobPart[] = [];
  for await (const part of parts) blobParts.push(new Uint8Array(part));
  return new Uint8Array(await new Blob(blobParts).arrayBuffer());
}
