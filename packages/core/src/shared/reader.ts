import { isBytes, requireBytes } from "../bytes.ts";
import { UnexpectedEndError } from "../errors.ts";
import { LineBuffer } from "../io/line-buffer.ts";
import { maxBytesOf, progressOf, signalOf } from "../options.ts";
import { rejected, settled } from "../pipe/budget.ts";
import { CHUNK, READ } from "../pipe/operation.ts";
import type { ChunkOptions, IterationOptions, Reader, ReadOptions } from "../types.ts";
import { BlockingCall, type BlockingOptions, type Call, requireBlocking, timeoutOf } from "./call.ts";
import { type Outcome, WAITS } from "./call-line.ts";
import { End } from "./end.ts";
import { Iteration } from "./iteration.ts";
import {
  CLOSED,
  DRAINED,
  HEAD,
  READER_CLOSED,
  READER_SHIFT,
  READER_SLEEPS,
  STATE,
  TAIL,
  WRITER_CLOSED,
} from "./layout.ts";
import type { Memory } from "./memory.ts";
import { available, close, take } from "./protocol.ts";
import { ASYNC_MS, BLOCKING_MS } from "./spin.ts";
import { TextLines } from "./text-lines.ts";

const DEFAULT_LINE_BYTES = 1_048_576;

/**
 * The reading end of a pipe between threads. Made by {@link attachReader}.
 *
 * It has the methods of the reader of `pipe()` except `views()`, and also the blocking {@link readSync},
 * {@link readFullSync} and {@link linesSync}.
 */
export class SharedReader extends End implements Reader {
  /** Number of bytes that this end has delivered since it was attached. */
  bytesRead = 0;

  /** @internal */
  constructor(memory: Memory, mutex: number, lead?: End) {
    const stops = READER_CLOSED | WRITER_CLOSED;
    const side = {
      side: "reader",
      bell: READER_SLEEPS,
      mutex,
      ownClosed: READER_CLOSED,
      stops,
      asideStops: stops,
    } as const;
    super(memory, side, lead);
  }

  /**
   * Waits for at least one byte and reads the bytes that are then available into `into`. Resolves with their number, or with
   * `null` at the end of the stream. It does not wait until the array is full.
   *
   * @throws {TypeError} If `into` is not a `Uint8Array`.
   * @throws {TypeError} If the buffer of `into` is detached or shrunk, before the call or while the read is pending.
   * @throws {TypeError} If `signal` is not an `AbortSignal`, or `progress` is not an object.
   * @throws `signal.reason` if the signal is or becomes aborted. No byte is lost, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed or detached.
   * @throws {AbandonedPipeError} If the thread of the writer died, after the accepted bytes.
   * @throws An `Error` with the name, message and code of the error that the writer was closed with, after the accepted bytes.
   */
  read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    if (options === undefined && isBytes(into) && into.length > 0) {
      const count = this.#takeSoon(into, ASYNC_MS);
      if (count > 0) return settled(count, count);
    }
    try {
      requireBytes(into, "read into");
      const signal = signalOf(options);
      const progress = progressOf(options);
      if (signal?.aborted) throw signal.reason;
      if (into.length === 0) return settled(this.#readNothing(), 0);
      return this.start(READ, into, into.length, 0, signal, progress) as Promise<number | null>;
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * As {@link read}, but blocks the thread until a byte is available. A blocked thread runs no other code, so the call
   * deadlocks if the writer depends on this thread.
   *
   * @throws {TypeError} If `into` is not a `Uint8Array`, or its buffer is detached or shrunk.
   * @throws {TypeError} If this thread must not block, such as the main thread of a page.
   * @throws {TypeError} If it would block forever, because this thread also has the writer.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If no byte is available within `timeoutMs`. The pipe stays usable.
   * @throws The errors that {@link read} rejects with once a side is closed.
   */
  readSync(into: Uint8Array, options?: BlockingOptions): number | null {
    return this.#readSync(into, options, false);
  }

  /**
   * Blocks the thread until `into` is full, and returns its length. Returns `null` if the stream ends before the first byte.
   * Other reads wait until it is done. It corresponds to Go's `io.ReadFull`.
   *
   * @throws {UnexpectedEndError} If the stream ends before `into` is full. Its `bytesRead` bytes are in the array.
   * @throws {TimeoutError} If `into` is not full within `timeoutMs`. Its `bytesRead` bytes are in the array.
   * @throws The other errors that {@link readSync} throws.
   */
  readFullSync(into: Uint8Array, options?: BlockingOptions): number | null {
    return this.#readSync(into, options, true);
  }

  /**
   * Iterates over the lines of a UTF-8 text with `for … of`, as `lines()` returns them. Each step blocks the thread until its
   * line is complete, for at most `timeoutMs` milliseconds. A step that times out loses no bytes: the next one continues with
   * the same line. Leaving the loop by `break`, `return` or an error closes this end.
   *
   * @param options `timeoutMs` limits each step; by default it is `Infinity`. `maxBytes` is the maximum length of a line in
   * bytes: an integer of at least 1, or `Infinity`; by default it is 1 MiB.
   * @throws {TypeError} If `maxBytes` is not a number.
   * @throws {TypeError} If this thread must not block, such as the main thread of a page.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {RangeError} In the loop, if a line has more than `maxBytes` bytes.
   * @throws {TimeoutError} In the loop, if a line is not complete within `timeoutMs`.
   * @throws The other errors that {@link readSync} throws, in the loop, after the complete lines.
   */
  linesSync(options?: BlockingOptions & { readonly maxBytes?: number | undefined }): TextLines {
    const maxBytes = maxBytesOf(options, DEFAULT_LINE_BYTES);
    const timeoutMs = timeoutOf(options);
    requireBlocking("linesSync()", "lines(reader)");
    return new TextLines(this, new LineBuffer(maxBytes), timeoutMs);
  }

  /**
   * Reads without waiting. Returns the number of bytes read, 0 if {@link read} would wait, or `null` at the end.
   *
   * @throws The errors that {@link read} rejects with.
   */
  tryRead(into: Uint8Array): number | null {
    requireBytes(into, "read into");
    this.#requireOpen(READ, into.length);
    const { lead } = this;
    const count = lead.attemptLocked(() => lead.#take(this, into, 0, into.length), 0);
    return count > 0 ? count : this.#readNothing();
  }

  /**
   * Waits for at least one byte and resolves with a chunk that the caller owns, or with `null` at the end of the stream. The
   * chunk is a new array with the available bytes, at most `maxBytes`.
   *
   * @throws {TypeError} If `maxBytes` is not a number, or `signal` is not an `AbortSignal`.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   * @throws The errors of {@link read} that do not concern its array.
   */
  readChunk(options?: ChunkOptions): Promise<Uint8Array | null> {
    try {
      const maxBytes = maxBytesOf(options);
      const signal = signalOf(options);
      if (signal?.aborted) throw signal.reason;
      const chunk = this.isFree ? this.#takeChunk(this, maxBytes) : undefined;
      if (chunk !== undefined) return settled(chunk, chunk.length);
      return this.start(CHUNK, undefined, maxBytes, 0, signal) as Promise<Uint8Array | null>;
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * As {@link readChunk} without waiting. Returns `undefined` if `readChunk` would wait, or `null` at the end.
   *
   * @throws The errors that {@link readChunk} rejects with.
   */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined {
    const maxBytes = maxBytesOf(options);
    this.#requireOpen(CHUNK, maxBytes);
    const { lead } = this;
    const chunk = lead.attemptLocked(() => lead.#takeChunk(this, maxBytes), undefined);
    return chunk ?? (this.#readNothing() === null ? null : undefined);
  }

  /** Calls {@link chunks} without options, for `for await (const chunk of reader)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.chunks();
  }

  /**
   * Iterates over chunks that the consumer owns, as {@link readChunk} returns them. Leaving the loop closes this end. With
   * `preventClose` it stays open, and bytes that were not yielded stay readable.
   *
   * @throws {TypeError} If `maxBytes` is not a number, or `signal` is not an `AbortSignal`.
   * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
   */
  chunks(options?: IterationOptions & Pick<ChunkOptions, "maxBytes">): AsyncIterableIterator<Uint8Array> {
    return new Iteration(this, maxBytesOf(options), options?.preventClose === true, signalOf(options));
  }

  /**
   * Closes this side: the bytes in the pipe are dropped, and pending and later writes reject. It neither throws nor waits.
   * Only the first close counts.
   */
  close(): void {
    if (this.isDetached) return;
    close(this.words, CLOSED << READER_SHIFT, READER_CLOSED);
    this.lead.run();
  }

  protected isOver(state: number): boolean {
    return (state & (READER_CLOSED | DRAINED)) !== 0 || ((state & WRITER_CLOSED) !== 0 && this.#isEmpty());
  }

  protected need(): number {
    return 1;
  }

  protected attempt(call: Call): Outcome {
    const { bytes } = call;
    const caller = call.caller as SharedReader;
    for (;;) {
      // The state is loaded first: if it shows that the writer has closed, all of its bytes are already visible.
      const state = Atomics.load(this.words, STATE);
      if ((state & READER_CLOSED) !== 0) {
        return this.fail(call, this.closings.failure("reader", call));
      }
      if (bytes === undefined) {
        const chunk = this.#takeChunk(caller, call.length);
        if (chunk !== undefined) {
          return this.settle(call, chunk, chunk.length);
        }
      } else {
        if (!call.intact) {
          return this.fail(
            call,
            new TypeError(
              `Cannot read up to ${call.length} bytes: the array was detached or shrunk while the read waited`,
            ),
          );
        }
        const count = this.#take(caller, bytes, call.moved, call.length);
        call.move(count);
        if (count > 0) {
          if (call instanceof BlockingCall && call.fill && call.moved < call.length) continue;
          return this.settle(call, call.moved, call.moved);
        }
      }
      if ((state & WRITER_CLOSED) === 0) return WAITS;
      return this.#end(call, state);
    }
  }

  #end(call: Call, state: number): Outcome {
    if ((state & CLOSED) === 0) {
      return this.fail(call, this.closings.failure("writer", call));
    }
    if (call.moved === 0) return this.settle(call, null, 0);
    const message = `Cannot read ${call.length} bytes: the stream ended after ${call.moved}`;
    return this.fail(call, new UnexpectedEndError(message, { bytesRead: call.moved }));
  }

  #readSync(into: Uint8Array, options: BlockingOptions | undefined, fill: boolean): number | null {
    requireBytes(into, "read into");
    const timeoutMs = timeoutOf(options);
    requireBlocking("readSync()", "await read()");
    if (into.length === 0) return this.#readNothing();
    const count = fill ? 0 : this.#takeSoon(into, Math.min(BLOCKING_MS, timeoutMs));
    if (count > 0) return count;
    return this.block(new BlockingCall(this, READ, into, fill), timeoutMs) as number | null;
  }

  /** Reads available bytes, spinning for up to `ms` for the first one. Returns 0 if none came or other calls are in line. */
  #takeSoon(into: Uint8Array, ms: number): number {
    while (this.isFree) {
      const count = this.#take(this, into, 0, into.length);
      if (count > 0 || !this.peerMoves(ms)) return count;
    }
    return 0;
  }

  #take(caller: SharedReader, into: Uint8Array, from: number, to: number): number {
    const count = take(this.half, into, from, to);
    caller.bytesRead += count;
    if (count > 0 && this.half.own === this.half.peer) this.#noteEnd();
    return count;
  }

  #takeChunk(caller: SharedReader, maxBytes: number): Uint8Array | undefined {
    const length = Math.min(available(this.half, maxBytes), maxBytes);
    if (length === 0) return undefined;
    const chunk = new Uint8Array(length);
    this.#take(caller, chunk, 0, length);
    return chunk;
  }

  /** Sets the state DRAINED after the last byte is read, which resolves `closed` of all ends of this side. */
  #noteEnd(): void {
    if ((Atomics.load(this.words, STATE) & WRITER_CLOSED) !== 0 && this.#isEmpty()) {
      close(this.words, DRAINED, DRAINED);
    }
  }

  #isEmpty(): boolean {
    return Atomics.load(this.words, HEAD) === Atomics.load(this.words, TAIL);
  }

  /** The result of a read that found no byte and does not wait: 0, or `null` at the end. */
  #readNothing(): 0 | null {
    this.#requireOpen(READ, 0);
    const state = Atomics.load(this.words, STATE);
    if ((state & WRITER_CLOSED) === 0 || !this.#isEmpty()) return 0;
    if ((state & CLOSED) !== 0) return null;
    throw this.closings.failure("writer", { kind: READ, length: 0, moved: 0 });
  }

  #requireOpen(kind: number, length: number): void {
    this.requireAttached(kind, length);
    if ((Atomics.load(this.words, STATE) & READER_CLOSED) === 0) return;
    throw this.closings.failure("reader", { kind, length, moved: 0 });
  }
}
