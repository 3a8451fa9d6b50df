import { isBytes, requireBytes } from "../bytes.ts";
import { UnexpectedEndError } from "../errors.ts";
import { chunkSizeOf, maxBytesOf, progressOf, requireInteger, signalOf } from "../options.ts";
import { fairTurn, settled, spend, spendAtOnce } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { requireReader } from "../requirement.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { Mutex } from "../sync/mutex.ts";
import type { ChunkOptions, Reader, ReadOptions, WaitOptions } from "../types.ts";
import { chunks } from "./chunks.ts";
import { type OwnClosing, ownClosedError } from "./closed-end.ts";
import { ForeignCount } from "./foreign-count.ts";
import { Interruption } from "./interruption.ts";
import { DEFAULT_ITEM_BYTES, LineBuffer } from "./line-buffer.ts";
import { delimiterOf, recordLength, tooLong } from "./record-buffer.ts";

/** Options of {@link bufferedReader}. */
export interface BufferedReaderOptions {
  /**
   * The maximum number of bytes that are read ahead: an integer of at least 1.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/** Options of {@link BufferedReader.readLine} and {@link BufferedReader.readUntil}. */
export interface ReadItemOptions extends WaitOptions {
  /**
   * The maximum number of bytes before the line terminator or the delimiter: an integer of at least 1, or `Infinity`.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
}

/**
 * Makes a reader that reads lines, records and exact numbers of bytes in any order, such as a header line and then the body. It can also
 * look ahead. It corresponds to Go's `bufio.Reader`. The result is a `Reader` itself: it can be iterated, or passed to any helper or adapter,
 * which then also gets the bytes that were read ahead.
 *
 * It takes ownership of `reader`: from now on, read and close only the returned reader. Nothing is read before the first call.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If `chunkSize` is not a number.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * const reader = bufferedReader(fromIterable(["content-length: 4\n", "body and more"]));
 * const header = await reader.readLine();
 * const body = await reader.readExactly(Number(header?.split(": ")[1]));
 * console.log(new TextDecoder().decode(body ?? undefined)); // body
 * console.log(await readText(reader)); // and more
 * ```
 */
export function bufferedReader(reader: Reader, options?: BufferedReaderOptions): BufferedReader {
  requireReader(reader);
  return new BufferedReader(reader, chunkSizeOf(options));
}

/**
 * The reader that {@link bufferedReader} returns. Calls may overlap, and are served in order. A call that fails or is aborted consumes no
 * bytes, so the next call gets them. Only `skip()` has then dropped `progress.bytes` bytes.
 *
 * Every call that waits rejects
 *
 * - with a `TypeError` if an option is of the wrong type,
 * - with `signal.reason` if the signal is, or becomes, aborted,
 * - with a `ClosedPipeError` once this reader is closed,
 * - with the error of the underlying reader, as the same object, once the bytes before it are not enough.
 */
export class BufferedReader implements Reader, AsyncIterable<Uint8Array> {
  readonly #reader: Reader;
  readonly #chunkSize: number;
  readonly #bytes: LineBuffer;
  readonly #counts = new ForeignCount("read");
  /** Held by one call at a time. While it is free, a call may take buffered bytes at once. A close empties the buffer. */
  readonly #turns = new Mutex();
  /** Whether a read of the source is pending. At most one is, and it may outlast the call that started it, if that is aborted. */
  #filling = false;
  /** Resumes the call that waits for bytes. Set by {@link #arrival}; an outdated one has no effect. */
  #wake: () => void = () => {};
  /** Ends a read that bypasses the buffer, when this reader is closed. */
  readonly #interruption = new Interruption();
  /** How the source has ended. Set once. */
  #ending: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #closing: OwnClosing | undefined;
  /** Created at the first access of `closed`. */
  #latch: Latch | undefined;
  #sourceClosed = false;

  /** @internal */
  constructor(reader: Reader, chunkSize: number) {
    this.#reader = reader;
    this.#chunkSize = chunkSize;
    this.#bytes = new LineBuffer(DEFAULT_ITEM_BYTES, chunkSize);
  }

  /** Number of bytes that were read ahead and are not consumed yet. */
  get buffered(): number {
    return this.#bytes.length;
  }

  /** Resolves as soon as no read can deliver another byte. Never rejects. */
  get closed(): Promise<void> {
    if (this.#latch === undefined) {
      this.#latch = new Latch();
      void this.#reader.closed?.then(() => {
        this.#sourceClosed = true;
        this.#openLatch();
      });
      this.#openLatch();
    }
    return this.#latch.promise;
  }

  /** Reads bytes that were read ahead, else bytes of the underlying reader. See {@link Reader.read}. */
  read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    if (options === undefined && isBytes(into) && !this.#turns.locked && this.#bytes.length > 0) {
      const count = this.#bytes.takeInto(into);
      this.#openLatch();
      return settled(count, count);
    }
    return this.#read(into, options);
  }

  async #read(into: Uint8Array, options: ReadOptions | undefined): Promise<number | null> {
    const { length } = requireBytes(into, "read into");
    const progress = progressOf(options);
    const take = (ended: boolean): number | null | undefined => {
      if (this.#bytes.length === 0 && (length > 0 || this.#isOver)) return ended ? null : undefined;
      return this.#bytes.takeInto(into);
    };
    // A long array is filled directly, which saves a copy. Not with a signal, because an aborted read might still write into the array.
    const isDirect = length >= this.#chunkSize && options?.signal === undefined;
    const count = await this.#serve("read", options, take, isDirect ? () => this.#readInto(into) : undefined);
    if (progress !== undefined) progress.bytes = count ?? 0;
    return count;
  }

  /** Reads directly into the caller's array. The buffer must be empty. */
  async #readInto(into: Uint8Array): Promise<number | null | undefined> {
    const { length } = into;
    const count = await this.#interruption.wait(this.#reader.read(into));
    if (count === null) this.#ending = { failed: false };
    else if (count !== undefined && this.#counts.check(count, length) > 0) return count;
    return undefined;
  }

  /** As {@link read} without waiting. Returns the number of bytes read, 0 if `read` would wait, or `null` at the end. */
  tryRead(into: Uint8Array): number | null {
    requireBytes(into, "read into");
    const count = this.#attempt("read", () =>
      this.#bytes.length > 0 ? this.#bytes.takeInto(into) : undefined,
    );
    spend(count ?? 0);
    return count === undefined ? 0 : count;
  }

  /**
   * Resolves with a chunk that the caller owns, or with `null` at the end.
   *
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   */
  async readChunk(options?: ChunkOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    const maxBytes = maxBytesOf(options);
    return this.#serve("read", options, (ended) => this.#chunk(maxBytes) ?? (ended ? null : undefined));
  }

  /**
   * As {@link readChunk} without waiting. Returns `undefined` if `readChunk` would wait.
   *
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array<ArrayBuffer> | null | undefined {
    const maxBytes = maxBytesOf(options);
    const chunk = this.#attempt("read", () => this.#chunk(maxBytes));
    spend(chunk?.length ?? 0);
    return chunk;
  }

  /**
   * Resolves with a copy of the next `count` bytes, which stay readable. There are fewer only if the stream ends before. It corresponds to
   * Go's `Peek`.
   *
   * @param count An integer from 0 to `chunkSize`.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If it is not such an integer.
   *
   * @example
   * ```ts
   * const reader = bufferedReader(fromIterable(["GIF89a…"]));
   * console.log(new TextDecoder().decode(await reader.peek(3))); // GIF
   * ```
   */
  async peek(count: number, options?: WaitOptions): Promise<Uint8Array<ArrayBuffer>> {
    requireInteger("count", count, 0);
    if (count > this.#chunkSize) {
      throw new RangeError(`count must be at most chunkSize, which is ${this.#chunkSize}; got ${count}`);
    }
    return this.#serve("peek", options, (ended) =>
      this.#bytes.length >= count || ended ? this.#bytes.peek(count) : undefined,
    );
  }

  /**
   * Puts a copy of `bytes` back in front of all unread bytes, so that the next call gets them first. It also works after the end of the
   * stream. Does nothing once this reader is closed. It corresponds to Go's `UnreadByte`.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or its memory is detached or shrunk.
   */
  unread(bytes: Uint8Array): void {
    requireBytes(bytes, "unread");
    if (this.#closing !== undefined) return;
    this.#bytes.unread(bytes);
    this.#wake(); // Bytes are available.
  }

  /**
   * Resolves with the next line of a UTF-8 text, without its terminator `\n` or `\r\n`, or with `null` at the end. The last line needs no
   * terminator. A byte order mark at the start of the stream is dropped.
   *
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   * @throws {RangeError} If the line has more than `maxBytes` bytes. The next call gets it.
   */
  readLine(options?: ReadItemOptions): Promise<string | null> {
    if (options === undefined && !this.#turns.locked) {
      this.#bytes.maxBytes = DEFAULT_ITEM_BYTES;
      const line = this.#lineOrLater();
      if (line !== undefined) {
        this.#openLatch();
        return settled(line, 0);
      }
    }
    return this.#readLine(options);
  }

  async #readLine(options: ReadItemOptions | undefined): Promise<string | null> {
    const maxBytes = maxBytesOf(options, DEFAULT_ITEM_BYTES);
    return this.#serve("read a line", options, (ended) => {
      this.#bytes.maxBytes = maxBytes;
      return this.#bytes.next() ?? (ended ? (this.#bytes.last() ?? null) : undefined);
    });
  }

  /**
   * As {@link readLine} without waiting. Returns `undefined` if `readLine` would wait, also if that is only to let other code run. It saves the
   * `await` for each line that is available.
   *
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   * @throws {RangeError} If the line has more than `maxBytes` bytes. The next call gets it.
   *
   * @example
   * ```ts
   * const reader = bufferedReader(fromIterable(["one\ntwo\n"]));
   * for (;;) {
   *   const line = reader.tryReadLine() ?? (await reader.readLine());
   *   if (line === null) break;
   *   console.log(line); // one, two
   * }
   * ```
   */
  tryReadLine(options?: Pick<ReadItemOptions, "maxBytes">): string | null | undefined {
    const maxBytes = options === undefined ? DEFAULT_ITEM_BYTES : maxBytesOf(options, DEFAULT_ITEM_BYTES);
    if (!spendAtOnce()) return undefined;
    this.#bytes.maxBytes = maxBytes;
    if (!this.#turns.locked) {
      const line = this.#bytes.next();
      if (line !== undefined) {
        this.#openLatch();
        return line;
      }
    }
    return this.#attemptLine();
  }

  /** A separate method, because a method that contains a closure allocates a context at each call, even if it does not create the closure. */
  #attemptLine(): string | null | undefined {
    return this.#attempt(
      "read a line",
      (ended) => this.#bytes.next() ?? (ended ? this.#bytes.last() : undefined),
    );
  }

  /**
   * Resolves with the bytes up to and including the next `delimiter`, in an array that the caller owns. At the end it resolves with the
   * remaining bytes, which have no delimiter, and then with `null`. It corresponds to Go's `ReadBytes`.
   *
   * @param delimiter Bytes, or text that is encoded as UTF-8. At least 1 byte.
   * @throws {TypeError} If `delimiter` is neither.
   * @throws {RangeError} If `delimiter` is empty.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   * @throws {RangeError} If there are more than `maxBytes` bytes before the delimiter. The next call gets them.
   */
  async readUntil(
    delimiter: string | Uint8Array,
    options?: ReadItemOptions,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const sought = delimiterOf(delimiter);
    const maxBytes = maxBytesOf(options, DEFAULT_ITEM_BYTES);
    return this.#serve("read a record", options, (ended) => {
      const length = recordLength(this.#bytes, sought, maxBytes);
      if (length !== -1) return this.#bytes.take(length + sought.length);
      if (!ended) return undefined;
      if (this.#bytes.length > maxBytes) throw tooLong(maxBytes);
      return this.#bytes.length === 0 ? null : this.#bytes.take(this.#bytes.length);
    });
  }

  /**
   * Resolves with the next `count` bytes, in an array that the caller owns. Resolves with `null` if the stream has ended before the first
   * of them.
   *
   * @param count An integer of at least 0. This number of bytes is held in memory.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If it is not such an integer.
   * @throws {UnexpectedEndError} If the stream ends before that many bytes. The next call gets the `bytesRead` bytes that there are.
   */
  async readExactly(count: number, options?: WaitOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    requireInteger("count", count, 0);
    return this.#serve("read", options, (ended) => {
      const { length } = this.#bytes;
      if (length >= count) return this.#bytes.take(count);
      if (!ended) return undefined;
      if (length === 0) return null;
      throw new UnexpectedEndError(`Cannot read ${count} bytes: the stream ended after ${length}`, {
        bytesRead: length,
      });
    });
  }

  /**
   * Drops the next `count` bytes and resolves with their number. It is less than `count` only if the stream ends before. It corresponds to
   * Go's `Discard`.
   *
   * @param count An integer of at least 0, or `Infinity`.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If it is not such an integer.
   * @throws `signal.reason` if the signal becomes aborted. `progress.bytes` bytes are dropped.
   */
  async skip(count: number, options?: ReadOptions): Promise<number> {
    if (count !== Number.POSITIVE_INFINITY) requireInteger("count", count, 0);
    const progress = progressOf(options) ?? { bytes: 0 };
    return this.#serve("skip", options, (ended) => {
      const share = Math.min(this.#bytes.length, count - progress.bytes);
      this.#bytes.skip(share);
      progress.bytes += share;
      return progress.bytes === count || ended ? progress.bytes : undefined;
    });
  }

  /** Iterates over chunks that the consumer owns. Leaving the loop closes this reader; {@link chunks} has options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return chunks(this);
  }

  /** Closes this reader: drops the bytes that were read ahead, and closes the underlying reader. */
  close(): void {
    if (this.#shut({})) this.#reader.close();
  }

  /** As {@link close}, but closes the underlying reader with `error`, so that the writing side gets it. */
  closeWithError(error: unknown): void {
    if (this.#shut({ cause: error })) this.#reader.closeWithError(error);
  }

  /** Calls {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #shut(closing: OwnClosing): boolean {
    if (this.#closing !== undefined) return false;
    this.#closing = closing;
    this.#bytes.skip(this.#bytes.length);
    this.#wake(); // No more bytes will come: the pending call rejects, and then the queued ones do.
    this.#interruption.interrupt();
    this.#latch?.open();
    return true;
  }

  /** Whether no read can deliver another byte. */
  get #isOver(): boolean {
    const ended = this.#ending !== undefined || this.#sourceClosed;
    return this.#closing !== undefined || (ended && !this.#filling && this.#bytes.length === 0);
  }

  #openLatch(): void {
    if (this.#latch !== undefined && this.#isOver) this.#latch.open();
  }

  #chunk(maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const { length } = this.#bytes;
    return length === 0 ? undefined : this.#bytes.take(Math.min(length, maxBytes));
  }

  /** The next line, if it is available. An error is ignored here, because the waiting call then rejects with it. */
  #lineOrLater(): string | undefined {
    try {
      return this.#bytes.next();
    } catch {
      return undefined;
    }
  }

  /** Makes one attempt without waiting. Returns `undefined` if more bytes are needed, or `null` at the end. */
  #attempt<T>(operation: string, take: (ended: boolean) => T | undefined): T | null | undefined {
    this.#requireOpen(operation);
    if (this.#turns.locked) return undefined;
    let taken = take(false);
    if (
      taken === undefined &&
      this.#ending === undefined &&
      !this.#filling &&
      this.#reader.tryRead !== undefined
    ) {
      const room = this.#bytes.room();
      const count = this.#reader.tryRead(room);
      if (count === null) this.#ending = { failed: false };
      else if (count > 0) this.#bytes.add(this.#counts.check(count, room.length)); // 0 means that read() would wait.
      taken = take(false);
    }
    if (taken === undefined && this.#ending !== undefined) {
      if (this.#ending.failed) throw this.#ending.reason;
      taken = take(true);
      this.#openLatch();
      return taken ?? null;
    }
    this.#openLatch();
    return taken;
  }

  /** Acquires the mutex, then makes an attempt, and another one each time bytes arrive, until an attempt has a result. */
  async #serve<T>(
    operation: string,
    options: WaitOptions | undefined,
    take: (ended: boolean) => T | undefined,
    readDirectly?: () => Promise<T | undefined>,
  ): Promise<T> {
    const signal = signalOf(options);
    if (signal?.aborted) throw signal.reason;
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock(options));
    try {
      for (;;) {
        let taken = this.#attemptOnce(operation, take);
        const wait = fairTurn(0);
        if (wait !== undefined) {
          await wait;
          if (taken === undefined) taken = this.#attemptOnce(operation, take); // Bytes may have come meanwhile.
        }
        if (taken !== undefined) return taken;
        if (readDirectly !== undefined && !this.#filling && this.#bytes.length === 0) {
          taken = await readDirectly();
          if (taken !== undefined) return taken;
          continue;
        }
        await this.#arrival(signal); // Wait for a read of the source, `unread()`, a close, or an abort.
      }
    } finally {
      turn.unlock();
      this.#openLatch();
    }
  }

  /** Takes from the buffered bytes. Returns `undefined` if more bytes are needed. */
  #attemptOnce<T>(operation: string, take: (ended: boolean) => T | undefined): T | undefined {
    this.#requireOpen(operation);
    const taken = take(false);
    if (taken !== undefined || this.#ending === undefined) return taken;
    if (this.#ending.failed) throw this.#ending.reason;
    return take(true);
  }

  #requireOpen(operation: string): void {
    if (this.#closing !== undefined) throw ownClosedError("reader", operation, this.#closing);
  }

  /** Waits until a read of the source has settled. Starts one, unless one is pending. */
  #arrival(signal: Abortable | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) throw signal.reason;
      // A read that ignores the signal stays pending, and its bytes are for the next call.
      const onAbort: AbortListener = { handleEvent: () => this.#wake() };
      this.#wake = () => {
        if (signal !== undefined) unlisten(signal, onAbort);
        resolve();
      };
      if (signal !== undefined) listen(signal, onAbort);
      if (!this.#filling) void this.#fill(signal);
    });
  }

  /** Reads once from the source. Never rejects: the bytes or the error are stored for the calls. */
  async #fill(signal: Abortable | undefined): Promise<void> {
    this.#filling = true;
    const room = this.#bytes.room();
    try {
      const count = await this.#reader.read(room, signal && { signal: signal as unknown as AbortSignal });
      if (count === null) this.#ending = { failed: false };
      else this.#arrived(this.#counts.check(count, room.length), room);
    } catch (error) {
      // The abort of one call must not fail the other calls.
      if (!signal?.aborted || error !== signal.reason) this.#ending = { failed: true, reason: error };
    }
    this.#filling = false;
    this.#openLatch();
    this.#wake(); // The read has settled, so the waiting call makes another attempt.
  }

  #arrived(count: number, room: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#bytes.add(count, room);
    spend(count);
  }
}
