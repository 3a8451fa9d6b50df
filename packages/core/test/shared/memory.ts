import type { SharedHandle } from "@pipe512/core/shared";

/** The words of the memory where the counters of both sides stand. */
const HEAD = 16;
const TAIL = 32;

/** Lets both counters of a pipe that nobody has attached yet start at `position`. */
export function startAt({ buffer }: SharedHandle, position: number): void {
  const words = new Int32Array(buffer);
  words[HEAD] = words[TAIL] = position | 0;
}
