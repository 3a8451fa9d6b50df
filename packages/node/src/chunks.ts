import type { Reader } from "@pipe512/core";
import { describe, ForeignCount, isBytes } from "@pipe512/core/adapter";

/** Up to here a chunk is cheaper copied into Node's pool than made an array of its own. */
const SMALL = 2048;

/** Where all streams read into without waiting, and copy from at once. Made by the first that does. */
let shared = Buffer.alloc(0);

/** Between these lengths a copy has memory of its own, which comes from the heap of the C library. */
const LARGE = Buffer.poolSize >>> 1;
const LARGEST = 65_536;
/**
 * The last large copy of all streams, kept until the next one. It lies near the end of that heap: when a collection frees
 * all that lies before it, that stays where it is, and need not be taken from the system again, page by page.
 */
const kept: { copy?: Buffer } = {};

/** A copy that its consumer owns. */
export function copied(chunk: Uint8Array): Buffer {
  return keep(Buffer.from(chunk));
}

/** Memory for a chunk that its consumer owns. */
export function memory(length: number): Buffer {
  return keep(Buffer.allocUnsafe(length));
}

function keep(copy: Buffer): Buffer {
  if (copy.length >= LARGE && copy.length <= LARGEST) kept.copy = copy;
  return copy;
}

/** Takes chunks from a reader, whatever it can do: arrays that the consumer owns. */
export class Chunks {
  readonly #reader: Reader;
  readonly #options: { readonly maxBytes: number };
  readonly #counts: ForeignCount = new ForeignCount("read");
  /** Where a read that waits reads into, from a reader without `readChunk`. Released by {@link #taken}. */
  #into: Buffer | undefined;
  /** Whether the last chunk was small, so that the next one is likely to be. */
  #isSmall = false;

  constructor(reader: Reader, chunkSize: number) {
    this.#reader = reader;
    this.#options = { maxBytes: chunkSize };
  }

  /** The next chunk without waiting: `undefined` where it would wait now, `null` at the end. Throws the reader's error. */
  tryNext(): Uint8Array | null | undefined {
    const reader = this.#reader;
    if (reader.tryReadChunk === undefined || (this.#isSmall && reader.tryRead !== undefined))
      return this.#tryRead();
    return this.#noted(reader.tryReadChunk(this.#options));
  }

  /** The next chunk, or `null` at the end. */
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
   * Checks a chunk that came of {@link next} or {@link tryNext} (PIPE-065).
   *
   * @throws {TypeError} If it is not a `Uint8Array`.
   * @throws {NoProgressError} If it is one of too many empty ones in a row.
   */
  check(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw new TypeError(
        `Cannot read on: readChunk() must answer a Uint8Array or null; got ${describe(chunk)}`,
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

  /** The first `count` bytes of the array: a copy, or the array itself where it is well filled. */
  #taken(count: number): Buffer {
    const into = this.#into as Buffer;
    const chunk = into.subarray(0, count);
    if (count < into.length / 2) return Buffer.from(chunk);
    this.#into = undefined;
    return chunk;
  }
}
