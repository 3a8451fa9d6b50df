import type { Writable } from "node:stream";
import {
  ClosedPipeError,
  type TransferOptions,
  type WaitOptions,
  type WriteOptions,
  type Writer,
} from "@pipe512/core";
import {
  type Abortable,
  type AbortListener,
  abortable,
  converted,
  listen,
  requireBytes,
  unlisten,
  waits,
} from "@pipe512/core/adapter";
import { Mutex } from "@pipe512/core/sync";
import { carriable, closedPipe } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";
import { requireStream } from "./foreign-stream.ts";
import { Outcome } from "./outcome.ts";

/** The `Writer` that {@link fromWritable} returns. It has all members of a `Writer`. */
export type WritableWriter = Required<Writer>;

/**
 * A `Writer` over a Node `Writable`, of which it takes ownership.
 *
 * A write resolves when the stream has accepted the bytes and its buffer has room. A waiting write holds a reference to
 * its array; the stream gets a copy, except with `transfer`. If the stream fails, later writes reject with its error,
 * the same object. If it is destroyed without an error, they reject with a `ClosedPipeError`.
 *
 * `close()` ends the stream after the writes already issued. `finish()` also waits until the stream has finished: a
 * file is then written and closed. An error of the stream rejects the pending call, or else the next one. After a
 * `close()` without any such call it is an uncaught exception, as for a stream without an `error` listener.
 * `closeWithError(error)` destroys the stream with `error` and discards its buffer; it causes no uncaught exception.
 *
 * @throws {TypeError} If `writable` is not a `Writable`. The message names the function that converts it.
 * @throws {TypeError} If `writable` is in object mode.
 *
 * @example
 * ```ts
 * const writer = fromWritable(createWriteStream("numbers.txt"));
 * for (let i = 0; i < 1_000_000; i++) await writeText(writer, `${i}\n`);
 * await writer.finish();
 * ```
 */
export function fromWritable(writable: NodeJS.WritableStream, options: TransferOptions = {}): WritableWriter {
  const stream = writable as Writable;
  requireStream(stream, "write");
  if (stream.writableObjectMode) {
    throw new TypeError(
      "writable must accept bytes; got a stream in object mode: convert its objects to bytes first",
    );
  }
  const writer = new StreamWriter(stream, options.transfer === true);
  converted(writer, "fromWritable", fromWritable);
  return writer;
}

class StreamWriter implements WritableWriter {
  readonly closed: Promise<void>;
  readonly #stream: Writable;
  readonly #transfer: boolean;
  /** Held by one write at a time, until there is room for the next one. */
  readonly #turns: Mutex = new Mutex();
  /** How this end was closed. Set once. */
  #closing: "closed" | "failed" | undefined;
  readonly #outcome: Outcome;
  /** Makes the waiting write check its condition again. Set by {@link #change}; a former one has no effect. */
  #wake: () => void = () => {};
  #resolveClosed!: () => void;

  constructor(stream: Writable, transfer: boolean) {
    this.#stream = stream;
    this.#transfer = transfer;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    stream.on("drain", () => this.#wake());
    this.#outcome = new Outcome(stream, () => {
      this.#resolveClosed();
      this.#wake();
    });
  }

  async write(bytes: Uint8Array, options: WriteOptions = {}): Promise<number> {
    const { progress = { bytes: 0 }, transfer } = options;
    requireBytes(bytes, "write");
    const signal = options.signal === undefined ? undefined : abortable(options.signal);
    progress.bytes = 0;
    if (signal?.aborted) throw signal.reason;
    const { length } = bytes;
    this.#check(length, 0, this.#closing !== undefined);
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock({ signal: options.signal }));
    try {
      if (isTurnOver(length)) await new Promise<void>(laterTurn);
      await this.#room(length, 0, signal);
      if (bytes.length !== length) {
        throw new TypeError("Cannot continue the write: its array was detached or shrunk while it waited");
      }
      this.#give(bytes, transfer);
      progress.bytes = length;
      await this.#room(length, length, signal);
      return length;
    } finally {
      turn.unlock();
    }
  }

  tryWrite(bytes: Uint8Array, options: TransferOptions = {}): number {
    requireBytes(bytes, "write");
    this.#check(bytes.length, 0, this.#closing !== undefined);
    const turn = this.#turns.tryLock();
    if (turn === null) return 0;
    turn.unlock();
    if (this.#stream.writableNeedDrain) return 0;
    if (isTurnOver(bytes.length)) {
      laterTurn(() => {}); // The next slice begins only if a callback waits for it.
      return 0;
    }
    this.#give(bytes, options.transfer);
    this.#check(bytes.length, 0, false);
    return bytes.length;
  }

  close(): void {
    if (this.#closing !== undefined) return;
    this.#closing = "closed";
    this.#resolveClosed();
    this.#outcome.close();
    void this.#end();
  }

  closeWithError(error: unknown): void {
    if (this.#closing !== undefined) return;
    this.#closing = "failed";
    this.#resolveClosed();
    this.#outcome.fail();
    this.#stream.destroy(carriable(error));
    this.#wake();
  }

  async finish(options: WaitOptions = {}): Promise<void> {
    const signal = options.signal === undefined ? undefined : abortable(options.signal);
    this.close();
    if (signal?.aborted) throw signal.reason;
    const endWait = waits(this, {
      side: "writer",
      operation: "finish",
      waitsFor: "for the stream to finish",
    });
    try {
      await this.#outcome.wait(signal, unfinished);
    } finally {
      endWait?.();
    }
  }

  async #end(): Promise<void> {
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock());
    this.#stream.end();
    turn.unlock();
  }

  #give(bytes: Uint8Array, transfer: boolean | undefined): void {
    this.#stream.write(transfer === true || this.#transfer ? bytes : Buffer.from(bytes));
  }

  /** Waits until the buffer of the stream has room. */
  async #room(length: number, taken: number, signal: Abortable | undefined): Promise<void> {
    for (;;) {
      if (signal?.aborted) throw signal.reason;
      this.#check(length, taken, this.#closing === "failed");
      if (!this.#stream.writableNeedDrain) return;
      const endWait = waits(this, {
        side: "writer",
        operation: "write",
        waitsFor: "for the stream to drain",
      });
      await this.#change(signal); // Until the stream drains or ends, this end fails, or the signal aborts.
      endWait?.();
    }
  }

  #change(signal: Abortable | undefined): Promise<void> {
    return new Promise((resolve) => {
      const listener: AbortListener = { handleEvent: () => this.#wake() };
      this.#wake = () => {
        if (signal !== undefined) unlisten(signal, listener);
        resolve();
      };
      if (signal !== undefined) listen(signal, listener);
    });
  }

  /** @throws {unknown} If a write must reject, its error. */
  #check(length: number, taken: number, isClosed: boolean): void {
    if (isClosed) throw closedPipe("writer", "the writer closed", length, taken);
    const { destroyed, writableEnded } = this.#stream;
    const error = this.#outcome.take();
    if (error) throw error;
    if (destroyed || (writableEnded && this.#closing === undefined)) {
      throw closedPipe("reader", "the stream was destroyed or ended", length, taken);
    }
  }
}

function unfinished(): ClosedPipeError {
  const message = "Cannot finish: the stream was destroyed without an error before it had finished";
  return new ClosedPipeError(message, { side: "reader", operation: "finish" });
}
