import { finished, type Writable } from "node:stream";
import { types } from "node:util";
import { ClosedPipeError, type Side, type WriteOptions, type Writer } from "@pipe512/core";
import { Mutex } from "@pipe512/core/sync";
import { carriable, shown } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";
import { requireSignal, requireStream, type TransferOptions } from "./options.ts";

/**
 * A `Writer` over a Node `Writable`, which it takes over.
 *
 * A write resolves when the stream has taken the bytes and its buffer has room. Writes wait for each other, and for room,
 * with a reference to their array; what the stream takes is a copy, unless `transfer`. An error of the stream is the
 * error of the writes from then on, the same object; where it is destroyed without one, they get a `ClosedPipeError`.
 *
 * `close()` ends the stream after the writes already issued; `closeWithError(error)` destroys it with `error`, and what
 * it has buffered is lost. Neither makes an uncaught error.
 *
 * @throws {TypeError} If `writable` is no Writable.
 * @throws {TypeError} If it is in object mode.
 *
 * @example
 * ```ts
 * const writer = fromWritable(createWriteStream("numbers.txt"));
 * for (let i = 0; i < 1_000_000; i++) await writeText(writer, `${i}\n`);
 * writer.close();
 * ```
 */
export function fromWritable(writable: NodeJS.WritableStream, options: TransferOptions = {}): Writer {
  const stream = writable as Writable;
  requireStream(stream, "write", stream?.writableObjectMode);
  return new WritableWriter(stream, options.transfer === true);
}

class WritableWriter implements Writer {
  readonly closed: Promise<void>;
  readonly #stream: Writable;
  readonly #transfer: boolean;
  /** Held by the write that has its turn, until there is room for the next one. */
  readonly #turns: Mutex = new Mutex();
  /** How this end was closed. Set once. */
  #closing: "closed" | "failed" | undefined;
  /** What the stream has failed with or, where it has ended, nothing. Set once. */
  #ended: { readonly error: unknown } | undefined;
  /** Lets the write that waits look again. Set by {@link #change}; an old one does nothing. */
  #wake: () => void = () => {};
  #resolveClosed!: () => void;

  constructor(stream: Writable, transfer: boolean) {
    this.#stream = stream;
    this.#transfer = transfer;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    stream.on("error", () => {}); // Writes tell it. Without a listener it would end the process.
    stream.on("drain", () => this.#wake());
    finished(stream, { readable: false }, (error) => {
      // Destroyed without an error, it has none to tell: see `refusal`.
      this.#ended = { error: error?.code === "ERR_STREAM_PREMATURE_CLOSE" ? undefined : error };
      this.#resolveClosed();
      this.#wake();
    });
  }

  async write(bytes: Uint8Array, options: WriteOptions = {}): Promise<number> {
    const { signal, progress = { bytes: 0 }, transfer } = options;
    requireBytes(bytes);
    requireSignal(signal);
    progress.bytes = 0;
    signal?.throwIfAborted();
    const { length } = bytes;
    this.#check(length, 0, this.#closing !== undefined);
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock({ signal }));
    try {
      if (isTurnOver(length)) await new Promise<void>(laterTurn);
      await this.#room(length, 0, signal);
      if (bytes.length !== length)
        throw new TypeError("Cannot write an array that was detached or shrunk while it waited");
      this.#give(bytes, transfer);
      progress.bytes = length;
      await this.#room(length, length, signal);
      return length;
    } finally {
      turn.unlock();
    }
  }

  tryWrite(bytes: Uint8Array, options: Pick<WriteOptions, "transfer"> = {}): number {
    requireBytes(bytes);
    this.#check(bytes.length, 0, this.#closing !== undefined);
    const turn = this.#turns.tryLock();
    if (turn === null) return 0;
    turn.unlock();
    if (this.#stream.writableNeedDrain) return 0;
    if (isTurnOver(bytes.length)) {
      laterTurn(() => {}); // Somebody must wait for the next slice, or it never begins.
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
    void this.#end();
  }

  closeWithError(error: unknown): void {
    if (this.#closing !== undefined) return;
    this.#closing = "failed";
    this.#resolveClosed();
    this.#stream.destroy(carriable(error));
    this.#wake();
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
  async #room(length: number, taken: number, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      this.#check(length, taken, this.#closing === "failed");
      if (!this.#stream.writableNeedDrain) return;
      await this.#change(signal); // Sleep until the stream drains or ends, this end fails, or the signal aborts.
    }
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        signal?.removeEventListener("abort", this.#wake);
        resolve();
      };
      signal?.addEventListener("abort", this.#wake);
    });
  }

  /** @throws What a write is rejected with, if it is. */
  #check(length: number, taken: number, isClosed: boolean): void {
    if (isClosed) throw refusal("writer", length, taken);
    const { destroyed, errored, writableEnded } = this.#stream;
    const error = errored ?? this.#ended?.error;
    if (error) throw error;
    if (destroyed || (writableEnded && this.#closing === undefined)) throw refusal("reader", length, taken);
  }
}

function refusal(side: Side, length: number, taken: number): ClosedPipeError {
  const who = side === "writer" ? "the writer closed" : "the stream was destroyed or ended";
  return new ClosedPipeError(`Cannot write ${length} bytes: ${who} after ${taken} were accepted`, {
    side,
    operation: "write",
    bytesWritten: taken,
  });
}

function requireBytes(bytes: unknown): void {
  if (types.isUint8Array(bytes)) {
    bytes.at(0); // Throws a TypeError where the memory is gone.
    return;
  }
  const remedy = typeof bytes === "string" ? "encode it, or use writeText()" : "give a Uint8Array";
  throw new TypeError(`Cannot write ${shown(bytes)}: ${remedy}`);
}
