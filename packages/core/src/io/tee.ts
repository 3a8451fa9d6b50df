import { requireReader, requireWriter } from "../requirement.ts";
import { signalOf } from "../options.ts";
import type { Reader, WaitOptions, Writer } from "../types.ts";
import { type OwnClosing, ownClosedError } from "./closed-end.ts";
import { type PullOptions, SerialReader } from "./serial-reader.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link tee}. */
export interface TeeOptions {
  /**
   * Leaves the writer open when the reader has ended.
   *
   * @default {false}
   */
  readonly preventClose?: boolean | undefined;
  /**
   * Leaves the writer open when the reader has failed, or the result was closed before its end.
   *
   * @default {false}
   */
  readonly preventAbort?: boolean | undefined;
}

/**
 * A reader of `reader` that also writes to `writer` what it reads. Go calls it `io.TeeReader`. There is no buffer: a read resolves once the
 * writer has accepted its bytes, so the slower of the two sets the pace.
 *
 * At the end it closes the writer, and waits for `finish()` where it has that: when the last read resolves with `null`, the copy is whole. When
 * the reader fails, or the result is closed early, the writer is closed with an error, so that a part is never taken for the whole. When the
 * writer fails, the reader is closed with its error, and that read and all later ones reject with it.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or `writer` not a `Writer`.
 * @throws The error of the reader or the writer at a read, the same object. The bytes of a read that the writer failed at are in its array:
 * `progress.bytes`.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((copy) => readText(copy));
 * for await (const chunk of tee(fromIterable(["one", "two"]), writer)) console.log(chunk.length); // 3, 3
 * console.log(await result); // onetwo
 * ```
 */
export function tee(
  reader: Reader,
  writer: Writer,
  options?: TeeOptions,
): Reader & AsyncIterable<Uint8Array> {
  requireReader(reader);
  requireWriter(writer);
  return new TeeReader(reader, writer, options);
}

class TeeReader extends SerialReader {
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #options: TeeOptions;
  /** What was read and not written yet, since the read was aborted meanwhile. */
  #owed: Uint8Array | undefined;

  constructor(reader: Reader, writer: Writer, options: TeeOptions | undefined) {
    super();
    this.#reader = reader;
    this.#writer = writer;
    this.#options = options ?? {};
  }

  protected override get sourceClosed(): Promise<void> | undefined {
    return this.#reader.closed;
  }

  protected async pull(into: Uint8Array, options: PullOptions): Promise<number | null> {
    const { signal, progress } = options;
    if (this.#owed !== undefined) await this.#write(this.#owed, signal);
    this.#owed = undefined;
    const count = await this.#read(into, options);
    if (count === null) {
      await this.#finish(signal);
      return null;
    }
    try {
      await this.#write(into.subarray(0, count), signal);
      progress.bytes = count;
    } catch (error) {
      if (this.#owed === undefined) progress.bytes = count;
      else progress.bytes = this.#keep(into.subarray(0, count));
      throw error;
    }
    return count;
  }

  /** The read is aborted: its bytes are for the next one. */
  #keep(bytes: Uint8Array): 0 {
    this.unread(bytes);
    return 0;
  }

  async #read(into: Uint8Array, options: PullOptions): Promise<number | null> {
    const { length } = into;
    try {
      return await this.#reader.read(into, options);
    } catch (error) {
      const failed = into.length === length && !isAbort(error, options); // An array that is gone is the fault of this call alone.
      if (failed && this.#options.preventAbort !== true) this.#writer.closeWithError(error);
      throw error;
    }
  }

  async #write(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const progress = { bytes: 0 };
    try {
      await writeWhole(this.#writer, bytes, { signal, progress });
    } catch (error) {
      if (isAbort(error, { signal })) this.#owed = bytes.slice(progress.bytes);
      else this.#fail(error);
      throw error;
    }
  }

  /** The reader has ended: so does the writer. */
  async #finish(signal: AbortSignal | undefined): Promise<void> {
    if (this.#options.preventClose === true) return;
    if (this.#writer.finish === undefined) return this.#writer.close();
    try {
      await this.#writer.finish({ signal });
    } catch (error) {
      if (!isAbort(error, { signal })) this.#fail(error);
      throw error;
    }
  }

  /** The writer has failed. */
  #fail(error: unknown): void {
    this.end({ failed: true, reason: error });
    this.#reader.closeWithError(error);
    this.#writer.closeWithError(error);
  }

  protected release(closing: OwnClosing): void {
    if ("cause" in closing) this.#reader.closeWithError(closing.cause);
    else this.#reader.close();
    if (this.#options.preventAbort === true) return;
    this.#writer.closeWithError(
      "cause" in closing ? closing.cause : ownClosedError("reader", "copy", closing),
    );
  }
}

/** Whether a call was given up by its own signal. */
function isAbort(error: unknown, options: WaitOptions): boolean {
  const signal = signalOf(options);
  return signal?.aborted === true && error === signal.reason;
}
