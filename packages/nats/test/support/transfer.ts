import { createHash, type Hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reader, Writer } from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";

/** A long piece of a sequence, from which slices are taken. Making a new array for each write would take most of the time. */
const PERIOD = 1 << 20;
const twice = new Uint8Array(2 * PERIOD);
for (const start of [0, PERIOD]) twice.set(sequence(PERIOD), start);

/** The bytes that belong at `position`, of a stream whose bytes repeat after 1 MiB. */
export function bytesAt(position: number, length: number): Uint8Array {
  const start = position % PERIOD;
  return twice.subarray(start, start + length);
}

/** The result of a transfer. */
export interface Moved {
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes until `isOver`, from `position` on, and resolves with the position and the hash. Waits until the last bytes are stored, and does not close. */
export async function feed(
  writer: Writer,
  isOver: () => boolean,
  { position = 0, pauseMs = 1, hash = createHash("sha256") } = {},
): Promise<Moved> {
  const sizes = [1, 511, 512, 513, 1033, 4096, 40_000];
  const writes: Array<Promise<number>> = [];
  for (let turn = 0; !isOver(); turn++) {
    const bytes = bytesAt(position, sizes[turn % sizes.length] ?? 1);
    position += bytes.length;
    hash.update(bytes);
    writes.push(writer.write(bytes));
    writes.at(-1)?.catch(() => {}); // Awaited below.
    if (writes.length >= 16) await writes.shift();
    if (turn % 8 === 0) await sleep(pauseMs);
  }
  await Promise.all(writes);
  return { bytes: position, sha256: hash.digest("hex") };
}

/** Reads to the end, or to an error, which it throws. Checks that each byte belongs at its position. */
export async function drain(reader: Reader, position = 0, hash: Hash = createHash("sha256")): Promise<Moved> {
  const into = new Uint8Array(65_536);
  for (;;) {
    const count = await reader.read(into);
    if (count === null) return { bytes: position, sha256: hash.digest("hex") };
    expectPlace(into.subarray(0, count), position);
    hash.update(into.subarray(0, count));
    position += count;
  }
}

/** @throws {Error} If a byte does not belong at its position: it was lost, duplicated, moved or changed. */
function expectPlace(bytes: Uint8Array, position: number): void {
  const expected = bytesAt(position, bytes.length);
  if (Buffer.compare(bytes, expected) === 0) return;
  const index = bytes.findIndex((byte, at) => byte !== expected[at]);
  throw new Error(`Byte ${position + index} is wrong: expected ${expected[index]}, got ${bytes[index]}`);
}
