import type { Side } from "../errors.ts";
import { describe } from "../value.ts";
import { CAPACITY, MAGIC, MAGIC_VALUE, MEMORY_BYTES, RING_OFFSET } from "./layout.ts";

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
  /** In browsers, the name of the Web Lock that the thread which attaches the end holds until it dies. */
  readonly lock?: string | undefined;
}

/**
 * Makes so many bytes of shared memory, which are 0.
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
  new Int32Array(buffer)[MAGIC] = MAGIC_VALUE;
  return buffer;
}

/**
 * Takes a handle for what it is.
 *
 * @throws {TypeError} If it is none, or one of the other side, or its memory is not a pipe's.
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
    `Cannot attach a ${side} to ${given === side ? "memory that is not a pipe's" : what}: give the ${side}Handle of a sharedPipe()`,
  );
}
