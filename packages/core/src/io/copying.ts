import { DEFAULT_MAX_BYTES, progressOf, requireInteger, signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader, requireWriter } from "../requirement.ts";
import type { Progress, Reader, WaitOptions, Writer } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link Copying}. */
export interface CopyingOptions extends WaitOptions {
  readonly progress?: Progress | undefined;
  readonly transfer?: boolean | undefined;
  readonly maxBytes?: number | undefined;
}

/** The steps of a copy, which holds one chunk at a time. */
export class Copying {
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #signal: AbortSignal | undefined;
  readonly #progress: Progress;
  readonly #maxBytes: number;
  /** Whether to read owned chunks and transfer them. Not with `maxBytes`, because an owned chunk may be longer. */
  readonly #transfer: boolean;
  readonly #into: Uint8Array;
  readonly #counts = new ForeignCount("read");
  /** Number of bytes that the writer has accepted. */
  #total = 0;

  /**
   * @throws {TypeError} If `reader` is not a `Reader`, `writer` is not a `Writer`, or an option has the wrong type.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 0 nor `Infinity`.
   */
  constructor(reader: Reader, writer: Writer, options: CopyingOptions | undefined) {
    requireReader(reader);
    requireWriter(writer);
    signalOf(options);
    const { signal, transfer, maxBytes = Number.POSITIVE_INFINITY } = options ?? {};
    if (maxBytes !== Number.POSITIVE_INFINITY) requireInteger("maxBytes", maxBytes, 0);
    this.#reader = reader;
    this.#writer = writer;
    this.#signal = signal;
    this.#progress = progressOf(options) ?? { bytes: 0 };
    this.#maxBytes = maxBytes;
    this.#transfer =
      transfer === true && reader.readChunk !== undefined && maxBytes === Number.POSITIVE_INFINITY;
    this.#into = new Uint8Array(this.#transfer ? 0 : Math.min(DEFAULT_MAX_BYTES, maxBytes));
  }

  get total(): number {
    return this.#total;
  }

  /** Reads the next chunk. Resolves with `null` at the end or at `maxBytes`. */
  async read(signal: AbortSignal | undefined = this.#signal): Promise<Uint8Array | null> {
    throwIfAborted(signal);
    const left = this.#maxBytes - this.#total;
    if (left === 0) return null;
    if (this.#transfer) return (this.#reader as Required<Reader>).readChunk({ signal });
    const into = left < this.#into.length ? this.#into.subarray(0, left) : this.#into;
    const count = await this.#reader.read(into, { signal });
    return count === null ? null : into.subarray(0, this.#counts.check(count, into.length));
  }

  /** Writes a chunk. If it fails, the bytes that were not accepted are put back, if the reader has `unread()`. */
  async write(chunk: Uint8Array): Promise<void> {
    const { length } = chunk;
    const signal = this.#signal;
    const progress = { bytes: 0 };
    try {
      throwIfAborted(signal);
      if (length > 0) await writeWhole(this.#writer, chunk, { signal, progress, transfer: this.#transfer });
      progress.bytes = length;
    } finally {
      this.#progress.bytes = this.#total += progress.bytes;
      if (progress.bytes < length) this.#reader.unread?.(chunk.subarray(progress.bytes));
    }
    const turn = fairTurn(length);
    if (turn !== undefined) await turn;
  }
}
