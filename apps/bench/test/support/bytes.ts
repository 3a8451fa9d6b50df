/** Bytes that encode their position, mixed so that a shift by any length is detected. */
export function positions(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, position) => (position ^ (position >> 8) ^ (position >> 16)) * 167);
}
