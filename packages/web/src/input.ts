import type { Reader } from "@pipe512/core";
import { ForeignCount } from "@pipe512/core/adapter";

/** What comes from a `Reader`, which another package may have made. */
export class Input {
  readonly #reader: Reader;
  readonly #counts: ForeignCount = new ForeignCount("read");
  readonly #options: { readonly maxBytes: number };
  /** What a reader without `readChunk` fills. The consumer gets it where it is more than half full, else it serves again. */
  #into: Uint8Array | undefined;

  constructor(reader: Reader, maxBytes: number) {
    this.#reader = reader;
    this.#options = { maxBytes };
  }

  /** Returns `count`, the answer to a read of `length` bytes, if it can be one (PIPE-065). */
  check(count: number, length: number): number {
    return this.#counts.check(count, length);
  }

  /** The number of bytes that `view` got, not checked; `null` at the end. */
  read(view: Uint8Array): Promise<number | null> {
    return this.#reader.read(view);
  }

  /** As {@link read} without waiting: 0 or `undefined` where there may be bytes later. */
  tryRead(view: Uint8Array): number | null | undefined {
    return this.#reader.tryRead?.(view);
  }

  /** The next chunk, whose memory only the caller has, or `null` at the end. It may be empty. */
  next(): Promise<Uint8Array | null> {
    return this.#reader.readChunk?.(this.#options) ?? this.#filled();
  }

  /** As {@link next} without waiting: `undefined` where there may be bytes later. */
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
