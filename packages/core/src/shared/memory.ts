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

/** Makes the memory of a new pipe. */
export function newMemory(): SharedArrayBuffer {
  if (typeof SharedArrayBuffer === "undefined") {
    throw new TypeError(
      "Cannot make a pipe between threads: there is no SharedArrayBuffer here. A page has it where it is cross-origin isolated: " +
        "send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  const buffer = new SharedArrayBuffer(MEMORY_BYTES);
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
  const wanted = `give the ${side}Handle of a sharedPipe()`;
  if (given !== "reader" && given !== "writer") {
    throw new TypeError(`Cannot attach a ${side} to ${describe(handle)}: ${wanted}`);
  }
  if (given !== side) throw new TypeError(`Cannot attach a ${side} to the handle of a ${given}: ${wanted}`);
  const isShared = Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
  const words = isShared && buffer?.byteLength === MEMORY_BYTES ? new Int32Array(buffer) : undefined;
  if (words?.[MAGIC] !== MAGIC_VALUE) {
    throw new TypeError(`Cannot attach a ${side} to memory that is not a pipe's: ${wanted}`);
  }
  return { words, ring: new Uint8Array(words.buffer, RING_OFFSET, CAPACITY) };
}
