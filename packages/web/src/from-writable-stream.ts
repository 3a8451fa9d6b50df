import { ClosedPipeError, type WriteOptions, type Writer } from "@pipe512/core";
import { CHUNK_BYTES, requireBytes, requireMethod } from "./bytes.ts";
import { turnToCopy } from "./fairness.ts";

/** Options of {@link fromWritableStream}. */
export interface FromWritableStreamOptions {
  /**
   * Hands over the arrays of all writes as they are. Otherwise that is for each write to say (`{ transfer: true }`), and
   * the others are copied.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/**
 * A `Writer` over a Web `WritableStream` of bytes, which it locks and takes over.
 *
 * Each write is one chunk. It waits until the stream is ready for it and resolves when the stream's sink has taken
 * it; the sink gets a copy, so the array may be reused then. Writes are handed over in the order of the calls.
 * The stream's error is that of the writes in flight and of later ones, the same object. It adds no byte to what the stream
 * queues by itself.
 *
 * `close()` closes the stream after the writes already issued; `closeWithError(error)` aborts it with the error.
 *
 * @throws {TypeError} At the call, if `stream` is none, or is locked.
 * @throws {TypeError} At a write, if it is given no `Uint8Array`, or one whose memory is detached. The stream does not hear of it.
 * @throws {ClosedPipeError} At a write, after `close()`, and at those in flight after `closeWithError()`, with its error as the `cause`.
 *
 * @example
 * ```ts
 * const { readable, writable } = new CompressionStream("gzip");
 * const writer = fromWritableStream(writable);
 * void writeText(writer, "hello").then(() => writer.close());
 * const compressed = await new Response(readable).bytes();
 * ```
 */
export function fromWritableStream(
  stream: WritableStream<Uint8Array>,
  options?: FromWritableStreamOptions,
): Writer {
  requireMethod(stream, "getWriter", "WritableStream");
  return new StreamWriter(stream.getWriter(), options?.transfer === true);
}

const nothing = (): void => {};

class StreamWriter implements Writer {
  readonly closed: Promise<void>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #transfer: boolean;
  /** Resolves when all writes so far are handed over or given up, so that they are handed over in the order of the calls. */
  #turn: Promise<void> = Promise.resolve();
  /** What ends the waits for the stream, where it would not. Each wait adds its own and removes it. */
  readonly #interrupts = new Set<() => void>();
  /** How this side was closed: with a `cause` where with an error. Set by the first close. */
  #closing: { readonly cause?: unknown } | undefined = undefined;
  /** What the stream failed with. Set once. */
  #failure: { readonly error: unknown } | undefined = undefined;
  #resolveClosed: () => void = () => {};

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>, transfer: boolean) {
    this.#writer = writer;
    this.#transfer = transfer;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    writer.closed.then(this.#resolveClosed, (error: unknown) => {
      this.#failure = { error };
      this.#resolveClosed();
    });
  }

  async write(bytes: Uint8Array, options: WriteOptions = {}): Promise<number> {
    const { length } = requireBytes(bytes, "write");
    const { signal, progress = { bytes: 0 }, transfer = this.#transfer } = options;
    progress.bytes = 0;
    if (signal !== undefined) requireMethod(signal, "addEventListener", "AbortSignal");
    if (signal?.aborted) throw signal.reason;
    this.#requireOpen(length);
    if (length === 0) {
      // Nothing goes to the sink, which would know of an end: the news may be on the way, a few microtasks off.
      await this.#settled(Promise.resolve(), signal);
      if (this.#failure && !this.#closing) throw this.#failure.error;
      return 0;
    }
    let written: Promise<void> | undefined;
    const handed = this.#turn.then(async () => {
      await this.#settled(this.#writer.ready, signal);
      if (!transfer && length > CHUNK_BYTES) await this.#settled(turnToCopy(length), signal);
      written = this.#writer.write(transfer ? bytes : new Uint8Array(bytes));
      written.catch(nothing); // It is waited for below, unless this write was given up.
      progress.bytes = length;
    });
    this.#turn = handed.catch(nothing);
    try {
      await this.#settled(handed, signal);
      await this.#settled(written, signal);
      return length;
    } catch (error) {
      // What the stream says of its abort is what this side said itself.
      if (this.#closing && "cause" in this.#closing && !signal?.aborted) {
        throw closedError(length, progress.bytes, this.#closing);
      }
      throw error;
    }
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = {};
    this.#resolveClosed();
    // The writes report what came of them.
    this.#turn.then(() => this.#writer.close()).catch(nothing);
  }

  closeWithError(error: unknown): void {
    if (this.#closing) return;
    this.#closing = { cause: error };
    this.#resolveClosed();
    this.#writer.abort(error).catch(nothing);
    // The stream would wait for the chunk that its sink has in hand.
    for (const interrupt of this.#interrupts) interrupt();
  }

  #requireOpen(length: number): void {
    if (this.#closing) throw closedError(length, 0, this.#closing);
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for the stream, but no longer than until `signal` is aborted or this side fails. */
  async #settled(promise: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw signal.reason;
    let interrupt = (): void => {};
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = () => reject(signal?.reason);
    });
    this.#interrupts.add(interrupt);
    signal?.addEventListener("abort", interrupt);
    try {
      await Promise.race([promise, interrupted]);
    } finally {
      this.#interrupts.delete(interrupt);
      signal?.removeEventListener("abort", interrupt);
    }
  }
}

function closedError(
  length: number,
  bytesWritten: number,
  closing: { readonly cause?: unknown },
): ClosedPipeError {
  const reach = bytesWritten === 0 ? "before any was" : `after ${bytesWritten} were`;
  const message = `Cannot write ${length} bytes: the writer closed ${reach} accepted`;
  return new ClosedPipeError(message, { side: "writer", operation: "write", bytesWritten, ...closing });
}
