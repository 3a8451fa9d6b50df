import { requireReader, requireWriter } from "../requirement.ts";
import { signalOf } from "../options.ts";
import type { Reader, WaitOptions, Writer } from "../types.ts";
import { type OwnClosing, ownClosedError } from "./closed-end.ts";
import { type PullOptions, SerialReader } from "./serial-reader.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link tee}. */
export interface TeeOptions {
  /**
   * Keeps the writer open when the reader has ended.
   *
   * @default {false}
   */
  readonly preventClose?: boolean | undefined;
  /**
   * Keeps the writer open when the reader has failed, or the result was closed before its end.
   *
   * @default {false}
   */
  readonly preventAbort?: boolean | undefined;
}

/**
 * Makes a reader of `reader` that also writes to `writer` all bytes that it reads. It corresponds to Go's `io.TeeReader`. It
 * has no buffer: a read resolves once the writer has accepted its bytes, so the slower side determines the speed.
 *
 * At the end it closes the writer, or calls and awaits `finish()` if the writer has it. So the copy is complete when the last
 * read resolves with `null`. If the reader fails, or the result is closed early, the writer is closed with an error. An
 * incomplete copy therefore never looks complete. If the writer fails, the reader is closed with its error, and this read and
 * all later ones reject with it.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If `writer` is not a `Writer`.
 * @throws The error of the reader or the writer, at a read, as the same object. If the writer failed, the bytes read are in the
 * array, and `progress.bytes` is their number.
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
  /** Bytes of an aborted read that are still to be written. */
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

  /** Keeps the bytes of an aborted read for the next read. */
  #keep(bytes: Uint8Array): 0 {
    this.unread(bytes);
    return 0;
  }

  async #read(into: Uint8Array, options: PullOptions): Promise<number | null> {
    const { length } = into;
    try {
      return await this.#reader.read(into, options);
    } catch (error) {
      // A detached array or an abort fails only this call.
      const failed = into.length === length && !isAbort(error, options);
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

  /** Closes the writer after the end of the reader. */
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

  /** Called when the writer has failed. */
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

/** Whether `error` is the abort of the call's own signal. */
function isAbort(error: unknown, options: WaitOptions): boolean {
  const signal = signalOf(options);
  return signal?.aborted === true && error === signal.reason;
}
