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
 * The reading end of a pipe between threads, made by {@link attachReader}. It does what the reader of `pipe()` does, but for
 * `views()`, and {@link readSync}, {@link readFullSync} and {@link linesSync} besides.
 */
export class SharedReader extends End implements Reader {
  /** Bytes delivered through this end since it was attached. */
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
   * Reads into `into` as soon as one byte is there, as many as are there now, and resolves with their number; with `null` at
   * the end. It never waits to fill the array.
   *
   * @throws {TypeError} If `into` is no `Uint8Array`, or its memory is detached or shrunk, then or while it waits; or if an option is of the wrong type.
   * @throws `signal.reason` if the signal is or becomes aborted. No byte is lost, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed.
   * @throws {AbandonedPipeError} If the thread of the writer died, after the bytes that it had written.
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
   * As {@link read}, and blocks the thread while nothing is there. A thread that blocks runs nothing else: it deadlocks with a writer that needs
   * it.
   *
   * @throws {TypeError} If `into` is not a `Uint8Array`; if this thread must not block, as a window must not; or if it would wait for ever, since this thread has the writer as well.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If nothing came within `timeoutMs`. The pipe stays usable.
   * @throws As {@link read} rejects otherwise.
   */
  readSync(into: Uint8Array, options?: BlockingOptions): number | null {
    return this.#readSync(into, options, false);
  }

  /**
   * Blocks the thread until `into` is full and returns its length, or `null` where the stream has ended and nothing was read. No other
   * read comes between. Go calls it `io.ReadFull`.
   *
   * @throws {UnexpectedEndError} If the stream ends before `into` is full. `bytesRead` bytes are in the array.
   * @throws {TimeoutError} If it is not full within `timeoutMs`. `bytesRead` bytes are in the array.
   * @throws As {@link readSync} otherwise.
   */
  readFullSync(into: Uint8Array, options?: BlockingOptions): number | null {
    return this.#readSync(into, options, true);
  }

  /**
   * The lines of a text in UTF-8, as `lines()` gives them, for `for … of`. Each step blocks the thread while its line is not there, for `timeoutMs`
   * milliseconds at most. A step that takes longer throws a `TimeoutError` and loses nothing: the next one goes on with the same line, and the pipe stays
   * usable. Leaving the loop by `break`, `return` or an error of its body closes this end.
   *
   * @param options `maxBytes` is the most that a line may have, in bytes: 1 MiB by default.
   * @throws {TypeError} If `maxBytes` is not a number, or this thread must not block, as a window must not.
   * @throws {RangeError} If `maxBytes` is not an integer of at least 1, or `timeoutMs` is not a number of at least 0. At the loop: if a line has more than `maxBytes` bytes.
   * @throws {TimeoutError} At a step: if its line is not there within `timeoutMs`.
   * @throws As {@link readSync} at the loop, after the whole lines before.
   */
  linesSync(options?: BlockingOptions & { readonly maxBytes?: number | undefined }): TextLines {
    const maxBytes = maxBytesOf(options, DEFAULT_LINE_BYTES);
    const timeoutMs = timeoutOf(options);
    requireBlocking("linesSync()", "lines(reader)");
    return new TextLines(this, new LineBuffer(maxBytes), timeoutMs);
  }

  /**
   * Reads what is there now: the number of bytes, 0 where {@link read} would wait, `null` at the end.
   *
   * @throws As {@link read} rejects, at once.
   */
  tryRead(into: Uint8Array): number | null {
    requireBytes(into, "read into");
    this.#requireOpen(READ, into.length);
    const { lead } = this;
    const count = lead.attemptLocked(() => lead.#take(this, into, 0, into.length), 0);
    return count > 0 ? count : this.#readNothing();
  }

  /**
   * Reads a chunk that the caller owns: a new array as long as what is there. It waits until there is something; at the end it
   * resolves with `null`.
   *
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `maxBytes` is no integer of at least 1.
   * @throws As {@link read} otherwise.
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
   * As {@link readChunk} without waiting: `undefined` where it would wait now, `null` at the end.
   *
   * @throws As {@link readChunk} rejects, at once.
   */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined {
    const maxBytes = maxBytesOf(options);
    this.#requireOpen(CHUNK, maxBytes);
    const { lead } = this;
    const chunk = lead.attemptLocked(() => lead.#takeChunk(this, maxBytes), undefined);
    return chunk ?? (this.#readNothing() === null ? null : undefined);
  }

  /** As {@link chunks} without options: `for await (const chunk of reader)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.chunks();
  }

  /**
   * Iterates over chunks that the consumer owns, each as {@link readChunk} gives it. Leaving the loop closes this end,
   * unless `preventClose`: then what was not yielded stays readable.
   *
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If `maxBytes` is no integer of at least 1.
   */
  chunks(options?: IterationOptions & Pick<ChunkOptions, "maxBytes">): AsyncIterableIterator<Uint8Array> {
    return new Iteration(this, maxBytesOf(options), options?.preventClose === true, signalOf(options));
  }

  /** Says that no more bytes are wanted: what is in the pipe is dropped, and writes are rejected. Never throws, never waits; only the first close counts. */
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
      // The state comes first: when it says that the writer has closed, every byte of it is there already.
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
              `Cannot read up to ${call.length} bytes: their array was detached or shrunk meanwhile`,
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

  /** Takes what is there, or comes while it looks for up to `ms`; nothing where the call has to stand in line. */
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

  /** Tells all ends of this side when the last byte is gone: none of them can read another one. */
  #noteEnd(): void {
    if ((Atomics.load(this.words, STATE) & WRITER_CLOSED) !== 0 && this.#isEmpty()) {
      close(this.words, DRAINED, DRAINED);
    }
  }

  #isEmpty(): boolean {
    return Atomics.load(this.words, HEAD) === Atomics.load(this.words, TAIL);
  }

  /** What a read that gets no byte and does not wait returns: 0, or `null` at the end. */
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
