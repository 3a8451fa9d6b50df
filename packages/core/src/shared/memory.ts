import type { Side } from "../errors.ts";
import { describe } from "../value.ts";
import { CAPACITY, MAGIC, MAGIC_VALUE, MEMORY_BYTES, NAME, RING_OFFSET } from "./layout.ts";

/** The memory of a pipe, as one thread sees it. */
export interface Memory {
  readonly words: Int32Array;
  readonly ring: Uint8Array;
}

/**
 * An end of a pipe that is not attached yet: a plain value, to be sent to the thread that attaches it.
 */
export interface SharedHandle<S extends Side = Side> {
  readonly side: S;
  readonly buffer: SharedArrayBuffer;
  /** In browsers, the beginning of the names of the Web Locks that threads which attach the end hold until they die. */
  readonly lock?: string | undefined;
}

/** The name of the Web Lock of one thread. */
export function lockOf(lock: string, thread: number): string {
  return `${lock} ${thread}`;
}

/**
 * Allocates shared memory, whose bytes are 0.
 *
 * @throws {TypeError} If there is no shared memory here.
 */
export function sharedBytes(bytes: number): SharedArrayBuffer {
  if (typeof SharedArrayBuffer !== "undefined") return new SharedArrayBuffer(bytes);
  throw new TypeError(
    "Cannot share memory between threads: there is no SharedArrayBuffer here. A page has it where it is cross-origin isolated: " +
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
 * Checks a handle.
 *
 * @throws {TypeError} If it is not a handle of this side, or its memory is not a pipe's.
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
