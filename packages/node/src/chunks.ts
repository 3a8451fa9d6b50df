import type { Reader } from "@pipe512/core";

/** Takes chunks from a reader, whatever it can do: arrays that the consumer owns. */
export class Chunks {
  readonly #reader: Reader;
  readonly #options: { readonly maxBytes: number };
  /** Where bytes are read into from a reader that gives no chunks away. Let go by {@link #taken}. */
  #into: Buffer | undefined;

  constructor(reader: Reader, chunkSize: number) {
    this.#reader = reader;
    this.#options = { maxBytes: chunkSize };
  }

  /** The next chunk without waiting: `undefined` where it would wait now, `null` at the end. Throws the reader's error. */
  tryNext(): Uint8Array | null | undefined {
    const reader = this.#reader;
    if (reader.readChunk !== undefined) return reader.tryReadChunk?.(this.#options);
    const count = reader.tryRead?.(this.#array);
    return count === null ? null : count ? this.#taken(count) : undefined;
  }

  /** The next chunk, or `null` at the end. */
  next(): Promise<Uint8Array | null> {
    const reader = this.#reader;
    if (reader.readChunk !== undefined) return reader.readChunk(this.#options);
    return reader.read(this.#array).then((count) => (count === null ? null : this.#taken(count)));
  }

  get #array(): Buffer {
    this.#into ??= Buffer.allocUnsafeSlow(this.#options.maxBytes);
    return this.#into;
  }

  /** The first `count` bytes of the array: a copy, or the array itself where it is well filled. */
  #taken(count: number): Buffer {
    const chunk = this.#array.subarray(0, count);
    if (count < this.#array.length / 2) return Buffer.from(chunk);
    this.#into = undefined;
    return chunk;
  }
}
