import type { Reader } from "@pipe512/core";
import { describe, ForeignCount, isBytes } from "@pipe512/core/adapter";

/** Up to this length, in bytes, copying a chunk into Node's pool is cheaper than allocating an array for it. */
const SMALL = 2048;

/** A buffer shared by all streams for synchronous reads, which copy from it at once. Allocated at the first use. */
let shared = Buffer.alloc(0);

/** A copy of a length in this range has its own memory, from the heap of the C library. */
const LARGE = Buffer.poolSize >>> 1;
const LARGEST = 65_536;
/**
 * The last large copy of all streams, kept until the next one. It lies near the end of the C heap. So the memory before
 * it, when freed by a collection, is not returned to the system and requested again page by page.
 */
const kept: { copy?: Buffer } = {};

/** Copies a chunk. The consumer owns the copy. */
export function copied(chunk: Uint8Array): Buffer {
  return keep(Buffer.from(chunk));
}

/** Allocates memory for a chunk. The consumer owns it. */
export function memory(length: number): Buffer {
  return keep(Buffer.allocUnsafe(length));
}

function keep(copy: Buffer): Buffer {
  if (copy.length >= LARGE && copy.length <= LARGEST) kept.copy = copy;
  return copy;
}

/** Reads chunks that the consumer owns from any reader, by the methods that it has. */
export class Chunks {
  readonly #reader: Reader;
  readonly #options: { readonly maxBytes: number };
  readonly #counts: ForeignCount = new ForeignCount("read");
  /** The buffer of a pending read from a reader without `readChunk`. Released by {@link #taken}. */
  #into: Buffer | undefined;
  /** Whether the last chunk was small, so that the next one probably is as well. */
  #isSmall = false;

  constructor(reader: Reader, chunkSize: number) {
    this.#reader = reader;
    this.#options = { maxBytes: chunkSize };
  }

  /**
   * Returns the next chunk if it is available, `undefined` if it is not, or `null` at the end. Throws the reader's
   * error.
   */
  tryNext(): Uint8Array | null | undefined {
    const reader = this.#reader;
    if (reader.tryReadChunk === undefined || (this.#isSmall && reader.tryRead !== undefined))
      return this.#tryRead();
    return this.#noted(reader.tryReadChunk(this.#options));
  }

  /** Resolves with the next chunk, or `null` at the end. */
  next(): Promise<Uint8Array | null> {
    const reader = this.#reader;
    if (reader.readChunk !== undefined) return reader.readChunk(this.#options);
    this.#into ??= Buffer.allocUnsafeSlow(this.#options.maxBytes);
    const { length } = this.#into;
    return reader
      .read(this.#into)
      .then((count) => (count === null ? null : this.#taken(this.#counts.check(count, length))));
  }

  /**
   * Checks a chunk from {@link next} or {@link tryNext} (PIPE-065).
   *
   * @throws {TypeError} If it is not a `Uint8Array`.
   * @throws {NoProgressError} If too many chunks in a row were empty.
   */
  check(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw new TypeError(
        `Cannot read: readChunk() must resolve with a Uint8Array or null; got ${describe(chunk)}`,
      );
    }
    if (chunk.length === 0) this.#counts.check(0, 1);
  }

  #tryRead(): Buffer | null | undefined {
    const { maxBytes } = this.#options;
    if (shared.length < maxBytes) shared = Buffer.allocUnsafeSlow(maxBytes);
    const count = this.#reader.tryRead?.(shared.length === maxBytes ? shared : shared.subarray(0, maxBytes));
    if (!count) return count === null ? null : undefined;
    this.#counts.check(count, maxBytes);
    const chunk = Buffer.allocUnsafe(count);
    shared.copy(chunk, 0, 0, count);
    return this.#noted(chunk);
  }

  #noted<Chunk extends Uint8Array | null | undefined>(chunk: Chunk): Chunk {
    this.#isSmall = chunk ? chunk.length <= SMALL : this.#isSmall;
    return chunk;
  }

  /** Returns the first `count` bytes of the buffer: a copy, or the buffer itself if at least half of it is filled. */
  #taken(count: number): Buffer {
    const into = this.#into as Buffer;
    const chunk = into.subarray(0, count);
    if (count < into.length / 2) return Buffer.from(chunk);
    this.#into = undefined;
    return chunk;
  }
}
