import type { Reader, WriteOptions, Writer } from "@pipe512/core";

/** What a plain reader does after its last chunk. */
export type Afterwards = "end" | "stall" | { readonly error: unknown };

/**
 * A minimal reader: it has the three required methods, and ignores options, as Deno's readers do. A helper that works
 * with it works with any reader.
 */
export class PlainReader implements Reader {
  /** The length of the array of each read. */
  readonly asked: number[] = [];
  /** The argument of each close: `undefined`, or an error. */
  readonly closings: unknown[][] = [];
  readonly #chunks: Uint8Array[];
  readonly #afterwards: Afterwards;

  constructor(chunks: Iterable<Uint8Array>, afterwards: Afterwards = "end") {
    this.#chunks = [...chunks];
    this.#afterwards = afterwards;
  }

  async read(into: Uint8Array): Promise<number | null> {
    this.asked.push(into.length);
    const chunk = this.#chunks.shift();
    if (chunk === undefined) {
      if (this.#afterwards === "end") return null;
      if (this.#afterwards === "stall") return new Promise(() => {});
      throw this.#afterwards.error;
    }
    const count = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, count));
    if (count < chunk.length) this.#chunks.unshift(chunk.subarray(count));
    return count;
  }

  close(): void {
    this.closings.push([]);
  }

  closeWithError(error: unknown): void {
    this.closings.push([error]);
  }
}

/** A minimal writer, with the three required methods. It keeps a copy of the bytes of each write. */
export class PlainWriter implements Writer {
  /** The copy and the options of each write. */
  readonly written: Uint8Array[] = [];
  readonly options: Array<WriteOptions | undefined> = [];
  readonly closings: unknown[][] = [];

  async write(bytes: Uint8Array, options?: WriteOptions): Promise<number> {
    this.written.push(bytes.slice());
    this.options.push(options);
    return bytes.length;
  }

  close(): void {
    this.closings.push([]);
  }

  closeWithError(error: unknown): void {
    this.closings.push([error]);
  }
}

/** `bytes` cut into chunks of `size` bytes. */
export function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}
