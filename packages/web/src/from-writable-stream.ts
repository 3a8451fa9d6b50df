import { ClosedPipeError, type WaitOptions, type WriteOptions, type Writer } from "@pipe512/core";
import {
  type Abortable,
  abortable,
  converted,
  fairTurn,
  listen,
  requireBytes,
  unlisten,
  waits,
} from "@pipe512/core/adapter";
import type { Chunk } from "./bytes.ts";
import { onceCollected } from "./closed.ts";
import { requireStream } from "./requirement.ts";

/** Options of {@link fromWritableStream}. */
export interface FromWritableStreamOptions {
  /**
   * Transfers ownership of the arrays of all writes. By default arrays are copied, except in writes with
   * `{ transfer: true }`.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** A `Writer` that has {@link Writer.finish}. */
export type FinishingWriter = Writer & Required<Pick<Writer, "finish">>;

/**
 * A `Writer` over a Web `WritableStream` of bytes. It locks the stream and takes ownership of it.
 *
 * Each write is one chunk. It waits until the stream is ready, and resolves when the stream's sink has accepted the
 * chunk. The sink gets a copy, so the array may be reused then. Chunks are written in the order of the calls. If the
 * stream fails, pending and later writes reject with its error, the same object. The writer itself queues no bytes.
 *
 * `close()` closes the stream after the writes already issued. `closeWithError(error)` aborts it with the error.
 * `finish()` closes it and resolves once its sink has closed. After a close, an error of the stream that rejects no
 * call becomes an unhandled rejection: await `finish()` to handle it.
 *
 * @throws {TypeError} At the call, if `stream` is not a `WritableStream`.
 * @throws {TypeError} At the call, if `stream` is locked.
 * @throws {TypeError} At a write, if `bytes` is not a `Uint8Array`. The stream is not affected.
 * @throws {TypeError} At a write, if the memory of `bytes` is detached. The stream is not affected.
 * @throws {ClosedPipeError} At a write, after `close()`.
 * @throws {ClosedPipeError} At a pending or later write, after `closeWithError()`, with its error as the `cause`.
 *
 * @example
 * ```ts
 * const { readable, writable } = new CompressionStream("gzip");
 * const writer = fromWritableStream(writable);
 * void writeText(writer, "hello").then(() => writer.finish());
 * const compressed = await new Response(readable).bytes();
 * ```
 */
export function fromWritableStream(
  stream: WritableStream<Uint8Array> | WritableStream<Chunk>,
  options?: FromWritableStreamOptions,
): FinishingWriter {
  requireStream(stream, "getWriter");
  const writer = new StreamWriter(stream.getWriter(), options?.transfer === true);
  converted(writer, "fromWritableStream", fromWritableStream);
  return writer;
}

const nothing = (): void => {};

/** How the writer was closed. `cause` is present if it was closed with an error. */
interface Closing {
  readonly cause?: unknown;
}

/** A pending call. */
interface Call {
  /** Whether the call has been rejected, so that its bytes must not be written. */
  givenUp: boolean;
  /** Reports to diagnostics that the call has stopped waiting. */
  readonly over: (() => void) | undefined;
}

class StreamWriter implements FinishingWriter {
  readonly closed: Promise<void>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #transfer: boolean;
  /**
   * Resolves when all writes so far are passed to the stream or abandoned. It keeps writes in the order of the calls.
   */
  #turn: Promise<void> = Promise.resolve();
  /** End the waits for a stream that does not settle. Each wait adds and removes its own function. */
  readonly #interrupts = new Set<() => void>();
  /** Set by the first close. */
  #closing: Closing | undefined = undefined;
  /** Settles once the sink has closed. Set by {@link close}. */
  #finished: Promise<void> | undefined = undefined;
  /** The error of the stream. Set once. */
  #failure: { readonly error: unknown } | undefined = undefined;
  /** The number of pending calls, each of which may reject with the stream's error. */
  #waiting = 0;
  /** Called once no call is pending. Set by {@link close}. */
  #last: () => void = nothing;
  /** Whether the stream's error has rejected a call, or has surfaced. */
  #reported = false;
  #resolveClosed: () => void = nothing;

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>, transfer: boolean) {
    this.#writer = writer;
    this.#transfer = transfer;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    onceCollected(this, this.#resolveClosed);
    writer.closed.then(this.#resolveClosed, (error: unknown) => {
      this.#failure = { error };
      this.#resolveClosed();
    });
  }

  async write(bytes: Uint8Array, options: WriteOptions = {}): Promise<number> {
    const { length } = requireBytes(bytes, "write");
    const { progress = { bytes: 0 }, transfer = this.#transfer } = options;
    const signal = options.signal === undefined ? undefined : abortable(options.signal);
    progress.bytes = 0;
    if (signal?.aborted) throw signal.reason;
    if (this.#closing) throw closedError(`write ${length} bytes`, "write", 0, this.#closing);
    const call = this.#begin("write");
    try {
      if (this.#failure) throw this.#failure.error;
      await this.#settled(length > 0 ? this.#hand(bytes, transfer, progress, call) : this.#passed(), signal);
      return length;
    } catch (error) {
      call.givenUp = true;
      this.#report(error, signal);
      // After closeWithError() the stream rejects with that same error; report a ClosedPipeError instead.
      if (this.#failed && !isAbort(error, signal)) {
        throw closedError(`write ${length} bytes`, "write", progress.bytes, this.#closing ?? {});
      }
      throw error;
    } finally {
      this.#end(call);
    }
  }

  /** Passes `bytes` to the stream after the writes before it, and resolves when the sink has accepted them. */
  #hand(bytes: Uint8Array, transfer: boolean, progress: { bytes: number }, call: Call): Promise<unknown> {
    const { length } = bytes;
    let written: Promise<void> | undefined;
    const handed = this.#turn.then(async () => {
      await this.#writer.ready;
      // Checks again after each wait, because all waiters of one iteration resume together.
      for (let turn = fairTurn(length); turn !== undefined; turn = fairTurn(length)) await turn;
      if (call.givenUp) return;
      written = this.#writer.write(transfer ? bytes : new Uint8Array(bytes));
      written.catch(nothing); // Awaited below, unless this write is abandoned.
      progress.bytes = length;
    });
    this.#turn = handed.catch(nothing);
    return handed.then(() => written);
  }

  /**
   * Waits a few microtasks, so that a failure of the stream is noted. A zero-length write does not reach the sink,
   * which would report it.
   */
  async #passed(): Promise<void> {
    for (let passed = 0; passed < 4; passed++) await Promise.resolve();
    if (this.#failure && !this.#closing) throw this.#failure.error;
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = {};
    this.#resolveClosed();
    const closed = this.#turn.then(() => this.#writer.close());
    this.#finished = new Promise((resolve, reject) => {
      closed.then(resolve, (reason: unknown) => {
        const error = this.#failure ? this.#failure.error : reason;
        reject(error);
        if (this.#waiting > 0) this.#last = () => this.#surface(error);
        // If no call reports the error, the rejection stays unhandled, so that it surfaces (PIPE-017).
        if (this.#waiting > 0 || this.#isReported) this.#finished?.catch(nothing);
      });
    });
  }

  closeWithError(error: unknown): void {
    if (this.#closing) return;
    this.#closing = { cause: error };
    this.#resolveClosed();
    const failing = this.#writer.desiredSize === null;
    this.#writer.abort(error).catch((reason: unknown) => {
      // If the stream was failing already, this is the same failure. Otherwise it is an error of the sink's abort(),
      // which no call reports.
      if (!failing) void Promise.reject(reason);
    });
    // The stream itself would wait until its sink has settled the current chunk.
    for (const interrupt of this.#interrupts) interrupt();
  }

  async finish(options: WaitOptions = {}): Promise<void> {
    const signal = options.signal === undefined ? undefined : abortable(options.signal);
    if (signal?.aborted) throw signal.reason;
    this.close();
    const finished = this.#finished;
    if (finished === undefined) throw closedError("finish", "finish", 0, this.#closing ?? {});
    const call = this.#begin("finish");
    try {
      await this.#settled(finished, signal);
    } catch (error) {
      this.#report(error, signal);
      // An aborted call does not report a later error of the sink.
      if (isAbort(error, signal))
        finished.catch((reason: unknown) => this.#waiting > 0 || this.#surface(reason));
      throw error;
    } finally {
      this.#end(call);
    }
  }

  #begin(operation: string): Call {
    this.#waiting += 1;
    return {
      givenUp: false,
      over: waits(this, { side: "writer", operation, waitsFor: "for the sink of the stream" }),
    };
  }

  #end(call: Call): void {
    call.over?.();
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#last();
  }

  /** Notes if a call rejects with the stream's error. */
  #report(error: unknown, signal: Abortable | undefined): void {
    if (this.#writer.desiredSize === null && !isAbort(error, signal)) this.#reported = true;
  }

  /**
   * Whether the stream's error was reported. The closing of a pipe's reader is not an error of a sink, and need not be
   * reported.
   */
  get #isReported(): boolean {
    const { code } = Object(this.#failure?.error) as { code?: unknown };
    return this.#reported || code === "ERR_CLOSED_PIPE" || code === "ERR_ABANDONED_PIPE";
  }

  #surface(error: unknown): void {
    if (this.#isReported) return;
    this.#reported = true;
    void Promise.reject(error); // Unhandled on purpose (PIPE-017).
  }

  /** Whether this side was closed with an error. */
  get #failed(): boolean {
    return this.#closing !== undefined && "cause" in this.#closing;
  }

  /** Waits for `promise`, until `signal` aborts or `closeWithError()` is called. */
  async #settled(promise: unknown, signal: Abortable | undefined): Promise<void> {
    if (signal?.aborted) throw signal.reason;
    let interrupt = (): void => {};
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = () => reject(signal?.reason);
    });
    const listener = { handleEvent: interrupt };
    this.#interrupts.add(interrupt);
    if (signal !== undefined) listen(signal, listener);
    try {
      await Promise.race([promise, interrupted]);
    } finally {
      this.#interrupts.delete(interrupt);
      if (signal !== undefined) unlisten(signal, listener);
    }
  }
}

/** Whether a call was rejected by its signal. */
function isAbort(error: unknown, signal: Abortable | undefined): boolean {
  return signal?.aborted === true && error === signal.reason;
}

function closedError(
  attempt: string,
  operation: string,
  bytesWritten: number,
  closing: Closing,
): ClosedPipeError {
  const reach =
    operation !== "write"
      ? ""
      : bytesWritten === 0
        ? " before any was accepted"
        : ` after ${bytesWritten} were accepted`;
  const message = `Cannot ${attempt}: the writer closed${reach}`;
  return new ClosedPipeError(message, { side: "writer", operation, bytesWritten, ...closing });
}
