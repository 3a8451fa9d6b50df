import { part } from "../pipe/ring.ts";
import { CAPACITY } from "./layout.ts";

/** Up to this number of bytes, a loop is faster than creating the view that a block copy needs. */
const LOOP = 24;

/** Copies `bytes[from, from + count)` into the ring. `position` is a running count, which is masked here. */
export function copyIn(
  ring: Uint8Array,
  position: number,
  bytes: Uint8Array,
  from: number,
  count: number,
): void {
  const start = position & (CAPACITY - 1);
  const first = CAPACITY - start;
  if (count <= LOOP) {
    for (let i = 0; i < count; i += 1) ring[(start + i) & (CAPACITY - 1)] = bytes[from + i] as number;
  } else if (count > first) {
    ring.set(part(bytes, from, first), start);
    ring.set(part(bytes, from + first, count - first), 0);
  } else {
    ring.set(count === bytes.length ? bytes : part(bytes, from, count), start);
  }
}

/** Copies `count` bytes out of the ring into `into`, starting at index `at`. */
export function copyOut(
  ring: Uint8Array,
  position: number,
  into: Uint8Array,
  at: number,
  count: number,
): void {
  const start = position & (CAPACITY - 1);
  const first = CAPACITY - start;
  if (count <= LOOP) {
    for (let i = 0; i < count; i += 1) into[at + i] = ring[(start + i) & (CAPACITY - 1)] as number;
  } else if (count > first) {
    into.set(part(ring, start, first), at);
    into.set(part(ring, 0, count - first), at + first);
  } else {
    into.set(count === CAPACITY ? ring : part(ring, start, count), at);
  }
}
