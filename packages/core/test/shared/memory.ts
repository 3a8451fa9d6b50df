import { setTimeout as sleep } from "node:timers/promises";
import type { SharedHandle } from "@pipe512/core/shared";
import { ATTACHED, READER_ATTACHED, WRITER_ATTACHED } from "../../src/shared/layout.ts";

/** The words of the memory that contain the counters of both sides. */
const HEAD = 16;
const TAIL = 32;

/** Sets both counters of a pipe without attached ends to `position`. */
export function startAt({ buffer }: SharedHandle, position: number): void {
  const words = new Int32Array(buffer);
  words[HEAD] = words[TAIL] = position | 0;
}

/** Waits until a thread has attached the side of a handle. */
export async function isAttached({ buffer, side }: SharedHandle): Promise<void> {
  const bit = side === "writer" ? WRITER_ATTACHED : READER_ATTACHED;
  while (((new Int32Array(buffer)[ATTACHED] as number) & bit) === 0) await sleep(1);
}
