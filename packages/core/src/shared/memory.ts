import type { Side } from "../errors.ts";
import { describe } from "../value.ts";
import { CAPACITY, MAGIC, MAGIC_VALUE, MEMORY_BYTES, NAME, RING_OFFSET } from "./layout.ts";

/** Views of the shared memory of a pipe. */
export interface Memory {
  readonly words: Int32Array;
  readonly ring: Uint8Array;
}

/** The handle of one end of a pipe: a plain value, to be sent to the thread that attaches the end. */
export interface SharedHandle<S extends Side = Side> {
  readonly side: S;
  readonly buffer: SharedArrayBuffer;
  /** Only in browsers: the prefix of the names of Web Locks. Each thread that attaches the end holds one until it dies. */
  readonly lock?: string | undefined;
}

/** The name of a thread's Web Lock. */
export function lockOf(lock: string, thread: number): string {
  return `${lock} ${thread}`;
}

/**
 * Allocates shared memory, filled with 0.
 *
 * @throws {TypeError} If `SharedArrayBuffer` is not available.
 */
export function sharedBytes(bytes: number): SharedArrayBuffer {
  if (typeof SharedArrayBuffer !== "undefined") return new SharedArrayBuffer(bytes);
  throw new TypeError(
    "Cannot share memory between threads: SharedArrayBuffer is not available. A page must be cross-origin isolated for it: " +
      "send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
  );
}

/** Makes the memory of a new pipe. */
export function newMemory(): SharedArrayBuffer {
  const buffer = sharedBytes(MEMORY_BYTES);
  const words = new Int32Array(buffer);
  words[MAGIC] = MAGIC_VALUE;
  for (const word of [NAME, NAME + 1]) words[word] = Math.random() * 2 ** 32;
  return buffer;
}

/**
 * Checks a handle, and returns views of its memory.
 *
 * @throws {TypeError} If it is not a handle of this side.
 * @throws {TypeError} If its memory is not that of a pipe.
 */
export function memoryOf(handle: SharedHandle, side: Side): Memory {
  const { buffer, side: given } = Object(handle) as Partial<SharedHandle>;
  const isShared = Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
  const words = isShared && buffer?.byteLength === MEMORY_BYTES ? new Int32Array(buffer) : undefined;
  if (given === side && words?.[MAGIC] === MAGIC_VALUE) {
    return { words, ring: new Uint8Array(words.buffer, RING_OFFSET, CAPACITY) };
  }
  const isHandle = given === "reader" || given === "writer";
  const what = isHandle ? `the handle of a ${given}` : describe(handle);
  throw new TypeError(
    `handle must be the ${side}Handle of a sharedPipe(); got ${given === side ? "a handle whose memory is not a pipe's" : what}`,
  );
}
