import type { Side } from "../errors.ts";
import type { End } from "./end.ts";
import { NAME } from "./layout.ts";
import { whenThreadEnds } from "./thread.ts";

/*
 * The ends that this thread has attached, one for each side of a pipe. The key is the pipe's name in shared memory, because
 * a thread may have received the same memory several times, as different SharedArrayBuffer objects.
 */

const ends = new Map<string, WeakRef<End>>();
/** Number of entries above which those of collected ends are removed. */
let mostEnds = 64;
let watches = false;

/** The end of a side that this thread has attached, if any. */
export function attachedHere(words: Int32Array, side: Side): End | undefined {
  return ends.get(keyOf(words, side))?.deref();
}

export function noteAttached(words: Int32Array, side: Side, end: End): void {
  const key = keyOf(words, side);
  ends.set(key, new WeakRef(end));
  if (ends.size > mostEnds) {
    for (const [other, weak] of ends) if (weak.deref() === undefined) ends.delete(other);
    mostEnds = Math.max(64, 2 * ends.size);
  }
  if (watches) return;
  watches = true;
  whenThreadEnds((ending) => {
    for (const weak of ends.values()) weak.deref()?.endWithThread(ending);
  });
}

function keyOf(words: Int32Array, side: Side): string {
  return `${words[NAME]} ${words[NAME + 1]} ${side}`;
}
