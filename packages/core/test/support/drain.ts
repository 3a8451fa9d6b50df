import type { Reader } from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";

/** Reads `size` bytes at a time until the end, and resolves with all bytes. */
export async function drain(reader: Reader, size = 1033): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const into = new Uint8Array(size);
    const count = await reader.read(into);
    if (count === null) return joined(parts);
    if (count === 0) throw new Error("A read into an array resolved with 0 bytes"); // Otherwise the loop would never end.
    parts.push(into.subarray(0, count));
  }
}
