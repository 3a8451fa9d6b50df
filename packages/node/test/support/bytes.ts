/**
 * Sizes with a high risk of errors: around 0, around the capacity, around twice the capacity, and one that divides
 * neither.
 */
export const awkwardSizes: readonly number[] = [0, 1, 511, 512, 513, 1024, 1033, 200_000];

const byteAt = (position: number): number => Math.imul(position, 0x9e3779b1) >>> 24;

/** Bytes that encode their position in a stream, so that a lost, duplicated, moved or changed byte is located. */
export function sequence(length: number, start = 0): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let index = 0; index < length; index++) bytes[index] = byteAt(start + index);
  return bytes;
}

/**
 * Checks that `bytes` are the first `length` of a {@link sequence}.
 *
 * @throws {Error} If they are not. The message names the first wrong position.
 */
export function expectSequence(bytes: Uint8Array, length: number): void {
  for (let position = 0; position < Math.max(length, bytes.length); position++) {
    if (position < length && bytes[position] === byteAt(position)) continue;
    throw new Error(`Byte ${position} is wrong (${bytes.length} of ${length} bytes received)`);
  }
}
