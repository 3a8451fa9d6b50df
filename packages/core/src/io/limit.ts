import { requireInteger, signalOf } from "../options.ts";
import { abortController } from "../platform.ts";
import { requireReader } from "../requirement.ts";
import { type AbortListener, listen, unlisten } from "../signal.ts";
import type { Reader } from "../types.ts";
import { describe } from "../value.ts";
import type { OwnClosing } from "./closed-end.ts";
import { ForeignCount } from "./foreign-count.ts";
import { type PullOptions, SerialReader } from "./serial-reader.ts";

/** Options of {@link limit}. */
export interface LimitOptions {
  /**
   * The behaviour if the stream has more than `maxBytes` bytes. `"end"`: the result ends after them. `"error"`: the read after
   * them rejects with a `RangeError`.
   *
   * @default {"end"}
   */
  readonly overflow?: "end" | "error" | undefined;
  /**
   * Keeps the underlying reader open. Bytes after the limit, and bytes that were not read, stay readable there.
   *
   * @default {false}
   */
  readonly preventClose?: boolean | undefined;
}

/**
 * Makes a reader of at most the next `maxBytes` bytes of `reader`. It corresponds to Go's `io.LimitReader`, and with
 * `overflow: "error"` to Go's `http.MaxBytesReader`.
 *
 * At the limit it closes `reader`, unless `preventClose` is set. It does not read past the limit, except for one byte with
 * `overflow: "error"`, to find out whether there are more.
 *
 * @param maxBytes An integer of at least 0, or `Infinity`.
 * @throws {TypeError} If `reader` is not a `Reader`, or `maxBytes` is not a number.
 * @throws {TypeError} If `overflow` is neither `"end"` nor `"error"`.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 0 nor `Infinity`.
 * @throws {RangeError} At a read, if there are more bytes and `overflow` is `"error"`. `reader` is closed with this error, so
 * that the writing side gets it too.
 * @throws The error of `reader`, at a read, as the same object.
 *
 * @example
 * ```ts
 * const reader = fromIterable(["one two"]);
 * console.log(await readText(limit(reader, 3, { preventClose: true }))); // one
 * console.log(await readText(reader)); // two
 * ```
 */
export function limit(
  reader: Reader,
  maxBytes: number,
  options?: LimitOptions,
): Reader & AsyncIterable<Uint8Array> {
  requireReader(reader);
  if (maxBytes !== Number.POSITIVE_INFINITY) requireInteger("maxBytes", maxBytes, 0);
  const { overflow = "end", preventClose = false } = options ?? {};
  if (overflow !== "end" && overflow !== "error") {
    throw new TypeError(`overflow must be "end" or "error"; got ${describe(overflow)}`);
  }
  return new LimitedReader(reader, maxBytes, overflow === "error", preventClose);
}

class LimitedReader extends SerialReader {
  readonly #reader: Reader;
  readonly #maxBytes: number;
  readonly #fails: boolean;
  readonly #preventClose: boolean;
  /** Number of bytes that may still be read. */
  #left: number;
  /** With `preventClose`: aborts the pending read, and puts undelivered bytes back. */
  #withdraw: () => void = () => this.#putBack(this.rest);

  constructor(reader: Reader, maxBytes: number, fails: boolean, preventClose: boolean) {
    super();
    this.#reader = reader;
    this.#maxBytes = this.#left = maxBytes;
    this.#fails = fails;
    this.#preventClose = preventClose;
    if (maxBytes === 0) this.#reach();
  }

  protected override get sourceClosed(): Promise<void> | undefined {
    return this.#reader.closed;
  }

  protected async pull(into: Uint8Array, options: PullOptions): Promise<number | null> {
    if (this.#left === 0) return this.#checkOverflow(options);
    const share = into.length > this.#left ? into.subarray(0, this.#left) : into;
    const count = await this.#read(share, options);
    if (count === null) return null;
    if (count <= share.length) this.#left -= count;
    if (this.#left === 0) this.#reach();
    return count;
  }

  /** Called at the limit: ends the stream, unless further bytes are an error. */
  #reach(): void {
    if (this.#fails) return;
    if (!this.#preventClose) this.#reader.close();
    this.end({ failed: false });
  }

  async #checkOverflow(options: PullOptions): Promise<null> {
    const byte = new Uint8Array(1);
    const counts = new ForeignCount("read");
    for (;;) {
      const count = await this.#read(byte, { signal: options.signal, progress: { bytes: 0 } });
      if (count === null) return null;
      if (counts.check(count, 1) === 0) continue;
      const error = new RangeError(`Cannot read more than ${this.#maxBytes} bytes: raise maxBytes`);
      this.end({ failed: true, reason: error });
      if (this.#preventClose) this.#reader.unread?.(byte);
      else this.#reader.closeWithError(error);
      throw error;
    }
  }

  protected release(closing: OwnClosing): void {
    if (this.#preventClose) this.#withdraw();
    else if ("cause" in closing) this.#reader.closeWithError(closing.cause);
    else this.#reader.close();
  }

  /** Reads. With `preventClose`, a close of the result aborts the read and puts its bytes back, instead of closing the reader. */
  async #read(into: Uint8Array, options: PullOptions): Promise<number | null> {
    if (!this.#preventClose) return this.#reader.read(into, options);
    const withdrawal = abortController();
    const signal = signalOf(options);
    const onAbort: AbortListener = { handleEvent: () => withdrawal.abort(signal?.reason) };
    this.#withdraw = () => {
      withdrawal.abort(null);
      this.#putBack(into.subarray(0, options.progress.bytes));
    };
    if (signal !== undefined) listen(signal, onAbort);
    try {
      return await this.#reader.read(into, { ...options, signal: withdrawal.signal });
    } finally {
      if (signal !== undefined) unlisten(signal, onAbort);
      this.#withdraw = () => this.#putBack(this.rest);
    }
  }

  #putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#reader.unread?.(bytes);
  }
}
