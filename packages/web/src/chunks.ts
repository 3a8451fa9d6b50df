import type { Reader } from "@pipe512/core";

/** Chunks of any `Reader` that whoever takes them owns: nobody else holds their memory. */
export class Chunks {
  readonly #reader: Reader;
  readonly #options: { readonly maxBytes: number };
  /** What a reader without `readChunk` fills. Given away where it got more than half full, else kept for the next chunk. */
  #into: Uint8Array | undefined;

  constructor(reader: Reader, maxBytes: number) {
    this.#reader = reader;
    this.#options = { maxBytes };
  }

  /** The next chunk where it is there now, `null` at the end, `undefined` where it would have to wait. */
  tryNext(): Uint8Array | null | undefined {
    return this.#reader.tryReadChunk?.(this.#options);
  }

  /** The next chunk, or `null` at the end. */
  next(): Promise<Uint8Array | null> {
    return this.#reader.readChunk?.(this.#options) ?? this.#filled();
  }

  async #filled(): Promise<Uint8Array | null> {
    this.#into ??= new Uint8Array(this.#options.maxBytes);
    const into = this.#into;
    const count = await this.#reader.read(into);
    if (count === null) return null;
    if (count * 2 <= into.length) return into.slice(0, count);
    this.#into = undefined;
    return into.subarray(0, count);
  }
}
