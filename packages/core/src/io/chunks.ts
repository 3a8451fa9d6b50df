import { chunkSizeOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { IterationOptions, Reader } from "../types.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { type ItemSource, Items } from "./items.ts";
import { ReadAhead } from "./read-ahead.ts";

/** Options of {@link chunks}. */
export interface ChunksOptions extends IterationOptions {
  /**
   * Maximum length of a chunk in bytes: an integer of at least 1. An array that the writer transferred is delivered whole,
   * even if it is longer.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/**
 * Iterates over any reader in chunks that the consumer owns. Each chunk has the bytes of one read. It does not read ahead: at
 * most one chunk is held.
 *
 * Leaving the loop closes the reader, also while a step is pending. An error closes it with that error. At the end of the
 * stream the reader is not closed. With `preventClose` it stays open in every case, and bytes that were not yielded stay
 * readable.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
 * @throws `signal.reason` at a step, if the signal is or becomes aborted.
 * @throws The error of the reader at a step, as the same object.
 *
 * @example
 * ```ts
 * let total = 0;
 * for await (const chunk of chunks(fromIterable(["one", "three"]), { chunkSize: 4 })) total += chunk.length;
 * console.log(total); // 8
 * ```
 */
export function chunks(reader: Reader, options?: ChunksOptions): AsyncIterableIterator<Uint8Array> {
  requireReader(reader);
  const chunkSize = chunkSizeOf(options);
  const preventClose = options?.preventClose === true;
  // With `preventClose` it uses read(), because the bytes of a pending read can be put back and an owned chunk cannot.
  const source: ItemSource<Uint8Array> =
    reader.readChunk === undefined || preventClose
      ? new ReadAhead(reader, new ChunkBuffer(chunkSize), preventClose)
      : new OwnedChunks(reader as Required<Reader>, chunkSize);
  return new Items(reader, source, options);
}

/** A buffer whose items are the bytes of one read each. */
class ChunkBuffer extends ByteBuffer {
  constructor(chunkSize: number) {
    super(chunkSize);
    this.needed = chunkSize;
  }

  next(): Uint8Array<ArrayBuffer> | undefined {
    return this.length === 0 ? undefined : this.take(this.length);
  }

  last(): undefined {}
}

/** The chunks that a reader's own `readChunk` returns. */
class OwnedChunks implements ItemSource<Uint8Array> {
  readonly #reader: Pick<Required<Reader>, "readChunk">;
  readonly #maxBytes: number;
  #chunk: Uint8Array | undefined;

  constructor(reader: Pick<Required<Reader>, "readChunk">, maxBytes: number) {
    this.#reader = reader;
    this.#maxBytes = maxBytes;
  }

  next(): Uint8Array | undefined {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    return chunk;
  }

  last(): undefined {}

  async more(): Promise<boolean> {
    const chunk = await this.#reader.readChunk({ maxBytes: this.#maxBytes });
    if (chunk === null) return false;
    if (chunk.length > 0) this.#chunk = chunk;
    const turn = fairTurn(chunk.length);
    if (turn !== undefined) await turn;
    return true;
  }

  giveBack(): void {}
}
