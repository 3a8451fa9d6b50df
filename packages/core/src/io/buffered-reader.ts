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
   * The most bytes that are read ahead, an integer of at least 1.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/** Options of {@link BufferedReader.readLine} and {@link BufferedReader.readUntil}. */
export interface ReadItemOptions extends WaitOptions {
  /**
   * The most bytes there may be in front of the end of the line, or of the delimiter: an integer of at least 1.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
}

/**
 * A reader that can look ahead, and take lines, records and exact numbers of bytes in any order, such as a header line and then the body. Go
 * calls it `bufio.Reader`. It is a `Reader` itself: what it has read ahead is read on, iterated, or passed to any helper or adapter.
 *
 * It takes over `reader`: from now on read and close only what is returned here. Nothing is read before the first call.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or `chunkSize` not a number.
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
 * What {@link bufferedReader} returns. Calls may overlap and are served in their order. A call that fails, or is aborted, leaves the
 * bytes where they were, so that another call can take them.
 *
 * Every call that waits rejects
 *
 * - with a `TypeError` if an option is of the wrong type,
 * - with `signal.reason` if the signal is, or becomes, aborted,
 * - with a `ClosedPipeError` once this reader is closed,
 * - with the error of the reader underneath, the same object, once the bytes before it do not suffice.
 */
export class BufferedReader implements Reader, AsyncIterable<Uint8Array> {
  readonly #reader: Reader;
  readonly #chunkSize: number;
  readonly #bytes: LineBuffer;
  readonly #counts = new ForeignCount("read");
  /** Held by the call that is served. While it is free, a call may take what is there: nothing is, once this reader is closed. */
  readonly #turns = new Mutex();
  /** Whether a read of the source is in progress: one at most, which outlives a call that is aborted. */
  #filling = false;
  /** Lets the call go on that waits for bytes. Set by {@link #arrival}; an old one does nothing. */
  #wake: () => void = () => {};
  /** Ends a read past the buffer at a close. */
  readonly #interruption = new Interruption();
  /** How the source has ended. Set once. */
  #ending: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #closing: OwnClosing | undefined;
  /** Made when it is first asked for. */
  #latch: Latch | undefined;
  #sourceClosed = false;

  /** @internal */
  constructor(reader: Reader, chunkSize: number) {
    this.#reader = reader;
    this.#chunkSize = chunkSize;
    this.#bytes = new LineBuffer(DEFAULT_ITEM_BYTES, chunkSize);
  }

  /** Bytes that were read ahead and are still to be taken. */
  get buffered(): number {
    return this.#bytes.length;
  }

  /** Resolves as soon as no read can deliver a byte any more. Never rejects. */
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

  /** Reads what was read ahead, else what comes next: see {@link Reader.read}. */
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
    // A long array needs no copy; but a read that is aborted must not go on into the caller's array.
    const isDirect = length >= this.#chunkSize && options?.signal === undefined;
    const count = await this.#serve("read", options, take, isDirect ? () => this.#readInto(into) : undefined);
    if (progress !== undefined) progress.bytes = count ?? 0;
    return count;
  }

  /** Reads past the buffer, which is empty. */
  async #readInto(into: Uint8Array): Promise<number | null | undefined> {
    const { length } = into;
    const count = await this.#interruption.wait(this.#reader.read(into));
    if (count === null) this.#ending = { failed: false };
    else if (count !== undefined && this.#counts.check(count, length) > 0) return count;
    return undefined;
  }

  /** As {@link read} without waiting: 0 where it would wait, `null` at the end. */
  tryRead(into: Uint8Array): number | null {
    requireBytes(into, "read into");
    const count = this.#attempt("read", () =>
      this.#bytes.length > 0 ? this.#bytes.takeInto(into) : undefined,
    );
    spend(count ?? 0);
    return count === undefined ? 0 : count;
  }

  /**
   * Reads a chunk that the caller owns, or `null` at the end.
   *
   * @throws {RangeError} If `maxBytes` is not an integer of at least 1.
   */
  async readChunk(options?: ChunkOptions): Promise<Uint8Array<ArrayBuffer> | null> {
    const maxBytes = maxBytesOf(options);
    return this.#serve("read", options, (ended) => this.#chunk(maxBytes) ?? (ended ? null : undefined));
  }

  /**
   * As {@link readChunk} without waiting: `undefined` where it would wait.
   *
   * @throws {RangeError} If `maxBytes` is not an integer of at least 1.
   */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array<ArrayBuffer> | null | undefined {
    const maxBytes = maxBytesOf(options);
    const chunk = this.#attempt("read", () => this.#chunk(maxBytes));
    spend(chunk?.length ?? 0);
    return chunk;
  }

  /**
   * Resolves with a copy of the next `count` bytes, which stay to be read. There are fewer only where the stream ends before. Go calls it
   * `Peek`.
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
   * Puts bytes in front, a copy of them, so that the next call gets them first; also where the stream has ended. Does nothing once this
   * reader is closed. Go calls it `UnreadByte`.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or its memory is detached or shrunk.
   */
  unread(bytes: Uint8Array): void {
    requireBytes(bytes, "unread");
    if (this.#closing !== undefined) return;
    this.#bytes.unread(bytes);
    this.#wake(); // Bytes are there.
  }

  /**
   * Resolves with the next line of a text in UTF-8, without the `\n` or `\r\n` that ends it, or with `null` at the end. The last line needs
   * no terminator. A byte order mark at the very front is dropped.
   *
   * @throws {RangeError} If `maxBytes` is not an integer of at least 1, or the line has more bytes. The line stays to be read.
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
   * As {@link readLine} without waiting: `undefined` where it would wait, also where other code is to have its turn. It saves the `await` of
   * the lines that are there.
   *
   * @throws {RangeError} If `maxBytes` is not an integer of at least 1, or the line has more bytes. The line stays to be read.
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

  /** In a method of its own: one that makes a closure allocates a context at each call, also where it makes none. */
  #attemptLine(): string | null | undefined {
    return this.#attempt(
      "read a line",
      (ended) => this.#bytes.next() ?? (ended ? this.#bytes.last() : undefined),
    );
  }

  /**
   * Resolves with the bytes up to the next `delimiter`, which is among them, in an array that the caller owns. At the end it resolves with
   * the rest, which has no delimiter, and then with `null`. Go calls it `ReadBytes`.
   *
   * @param delimiter Bytes, or text that is taken as UTF-8. At least 1 byte.
   * @throws {TypeError} If `delimiter` is neither.
   * @throws {RangeError} If it is empty, or `maxBytes` not an integer of at least 1, or there are more bytes in front of the delimiter. They stay
   * to be read.
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
   * Resolves with the next `count` bytes, in an array that the caller owns, or with `null` where the stream has ended before the first of
   * them.
   *
   * @param count An integer of at least 0. As many bytes are held in memory.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If it is not such an integer.
   * @throws {UnexpectedEndError} If the stream ends inside. The `bytesRead` bytes there are stay to be read.
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
   * Drops the next `count` bytes and resolves with their number, which is less only where the stream ends before. Go calls it `Discard`.
   *
   * @param count An integer of at least 0, or `Infinity`.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If it is not such an integer.
   * @throws `signal.reason` if the signal becomes aborted; `progress.bytes` are dropped then.
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

  /** Says that no more bytes are wanted: drops what was read ahead, and closes the reader underneath. */
  close(): void {
    if (this.#shut({})) this.#reader.close();
  }

  /** As {@link close}, and tells the writing side why. */
  closeWithError(error: unknown): void {
    if (this.#shut({ cause: error })) this.#reader.closeWithError(error);
  }

  /** As {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #shut(closing: OwnClosing): boolean {
    if (this.#closing !== undefined) return false;
    this.#closing = closing;
    this.#bytes.skip(this.#bytes.length);
    this.#wake(); // Nothing will come: the call that waits is rejected, and those behind it in turn.
    this.#interruption.interrupt();
    this.#latch?.open();
    return true;
  }

  /** Whether no byte can come any more. */
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

  /** The next line, where it is there; what is wrong with it is for the call that waits to say. */
  #lineOrLater(): string | undefined {
    try {
      return this.#bytes.next();
    } catch {
      return undefined;
    }
  }

  /** Makes one attempt without waiting: `undefined` where it needs more bytes, `null` at the end. */
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
      else if (count > 0) this.#bytes.add(this.#counts.check(count, room.length)); // 0 is no answer of a read.
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

  /** Makes an attempt in its turn, and again whenever more bytes have come, until there is something to resolve with. */
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
        await this.#arrival(signal); // Sleep until the source has answered, or bytes were put back, or the reader is closed.
      }
    } finally {
      turn.unlock();
      this.#openLatch();
    }
  }

  /** Takes from what is there: `undefined` if more bytes are needed. */
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

  /** Waits for the source to answer, having asked it unless it was asked before. */
  #arrival(signal: Abortable | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) throw signal.reason;
      // A read that looks at no signal goes on, and what it brings is for the next call.
      const onAbort: AbortListener = { handleEvent: () => this.#wake() };
      this.#wake = () => {
        if (signal !== undefined) unlisten(signal, onAbort);
        resolve();
      };
      if (signal !== undefined) listen(signal, onAbort);
      if (!this.#filling) void this.#fill(signal);
    });
  }

  /** Reads once from the source. Never rejects: what comes of it is for the calls. */
  async #fill(signal: Abortable | undefined): Promise<void> {
    this.#filling = true;
    const room = this.#bytes.room();
    try {
      const count = await this.#reader.read(room, signal && { signal: signal as unknown as AbortSignal });
      if (count === null) this.#ending = { failed: false };
      else this.#arrived(this.#counts.check(count, room.length), room);
    } catch (error) {
      // The abort of one call is none of the others' business.
      if (!signal?.aborted || error !== signal.reason) this.#ending = { failed: true, reason: error };
    }
    this.#filling = false;
    this.#openLatch();
    this.#wake(); // The source has answered: the call that waits makes another attempt.
  }

  #arrived(count: number, room: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#bytes.add(count, room);
    spend(count);
  }
}
