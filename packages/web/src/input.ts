import type { Reader } from "@pipe512/core";
import { ForeignCount } from "@pipe512/core/adapter";

/** Reads from a `Reader`, and checks its results, since another package may have implemented it. */
export class Input {
  readonly #reader: Reader;
  readonly #counts: ForeignCount = new ForeignCount("read");
  readonly #options: { readonly maxBytes: number };
  /**
   * The buffer for a reader without `readChunk`. If a read fills more than half of it, the consumer gets it; otherwise
   * it is reused.
   */
  #into: Uint8Array | undefined;

  constructor(reader: Reader, maxBytes: number) {
    this.#reader = reader;
    this.#options = { maxBytes };
  }

  /** Returns `count` if it is a valid result of a read of `length` bytes (PIPE-065), and throws otherwise. */
  check(count: number, length: number): number {
    return this.#counts.check(count, length);
  }

  /** Resolves with the unchecked number of bytes read into `view`, or `null` at the end. */
  read(view: Uint8Array): Promise<number | null> {
    return this.#reader.read(view);
  }

  /** Like {@link read}, without waiting: 0 or `undefined` if bytes may come later. */
  tryRead(view: Uint8Array): number | null | undefined {
    return this.#reader.tryRead?.(view);
  }

  /** Resolves with the next chunk, which the caller owns, or `null` at the end. A chunk may be empty. */
  next(): Promise<Uint8Array | null> {
    return this.#reader.readChunk?.(this.#options) ?? this.#filled();
  }

  /** Like {@link next}, without waiting: `undefined` if bytes may come later. */
  tryNext(): Uint8Array | null | undefined {
    return this.#reader.tryReadChunk?.(this.#options);
  }

  async #filled(): Promise<Uint8Array | null> {
    const into = this.#into ?? new Uint8Array(this.#options.maxBytes);
    this.#into = undefined; // Another call may come before this one has settled.
    const count = await this.#reader.read(into);
    if (count === null) return null;
    if (this.check(count, into.length) * 2 > into.length) return into.subarray(0, count);
    this.#into = into;
    return into.slice(0, count);
  }
}
