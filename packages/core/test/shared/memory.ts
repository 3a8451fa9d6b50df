import type { SharedHandle } from "@pipe512/core/shared";

/** The word of the memory where the state of both sides stands, and those where their counters are. */
export const STATE = 1;
const HEAD = 16;
const TAIL = 32;

/** Lets both counters of a pipe that nobody has attached yet start at `position`. */
export function startAt({ buffer }: SharedHandle, position: number): void {
  const words = new Int32Array(buffer);
  words[HEAD] = words[TAIL] = position | 0;
}
