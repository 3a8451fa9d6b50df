import { isBytes, requireBytes, spansItsBuffer } from "../bytes.ts";
import { progressOf, signalOf } from "../options.ts";
import type {
  FlushOptions,
  TransferOptions,
  TryWriteOptions,
  WaitOptions,
  WriteOptions,
  Writer,
} from "../types.ts";
import { rejected } from "./budget.ts";
import { INSPECT, inspection } from "./inspection.ts";
import type { Failure } from "./operation.ts";
import type { Pipe } from "./pipe.ts";

/**
 * The writing end of a pipe. Made by {@link pipe}.
 *
 * Calls may overlap: writes are accepted in the order of the calls and do not interleave. If this end is
 * garbage-collected without `close()`, the reader gets the accepted bytes, then its reads reject with an
 * `AbandonedPipeError`.
 *
 * # Closing
 *
 * `close()` lets pending writes finish: the reader gets all of their bytes, then the end. So `write(x); close()` without an
 * `await` loses no bytes. (In Go, `Close` fails pending writes.)
 *
 * `closeWithError(e)` rejects pending writes. The reader gets the bytes accepted by then, then its reads reject with `e`
 * itself. Only the first close counts.
 */
export class PipeWriter implements Writer {
  readonly #pipe: Pipe;

  /** @internal */
  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Number of bytes that the pipe has accepted since the start. */
  get bytesWritten(): number {
    return this.#pipe.bytesWritten;
  }

  /** Resolves as soon as a new write would fail, whichever side closed. Never rejects. */
  get closed(): Promise<void> {
    return this.#pipe.writerClosed;
  }

  /** Number of bytes that {@link tryWrite} would accept now. */
  get room(): number {
    return this.#pipe.room;
  }

  /**
   * Resolves when at least one byte would be accepted without waiting, or a write would fail. A producer can use it to
   * produce bytes only when there is room. Another write may use the room first.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted.
   */
  ready(options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options);
      if (signal?.aborted) throw signal.reason;
      return this.#pipe.ready("writer", this, signal);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Writes all of `bytes`. Resolves with `bytes.length` once every byte is accepted: copied into the ring, or into the
   * array of a pending read. It waits as long as the reader leaves no room. A write of 0 bytes resolves at once.
   *
   * The pipe keeps a reference to the array, not a copy, until the write settles; then the array may be reused. A write
   * that rejects may have moved some bytes: `progress.bytes` is their number, and so is `bytesWritten` of a
   * `ClosedPipeError`.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`.
   * @throws {TypeError} If the buffer of `bytes` is detached or shrunk, before the call or while the write is pending.
   * @throws {TypeError} If `signal` is not an `AbortSignal`, or `progress` is not an object.
   * @throws `signal.reason` if the signal is or becomes aborted. Bytes already moved stay moved, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed, or the reader is closed without an error.
   * @throws {AbandonedPipeError} If the reader was garbage-collected without `close()`.
   * @throws The error that the reader was closed with, as the same object.
   */
  write(bytes: Uint8Array, options?: WriteOptions): Promise<number> {
    if (options === undefined && isBytes(bytes) && bytes.length > 0) {
      return this.#pipe.write(this, bytes, false, undefined, undefined);
    }
    try {
      requireBytes(bytes, "write");
      const signal = signalOf(options);
      const progress = progressOf(options);
      if (signal?.aborted) throw signal.reason;
      return this.#pipe.write(this, bytes, isGivenAway(bytes, options), signal, progress);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Writes as many bytes as are accepted without waiting, and returns their number. It is 0 while other writes are
   * pending, and less than `bytes.length` if there is not enough room. With `whole` it accepts all of `bytes` or nothing.
   *
   * @throws The errors that {@link write} rejects with.
   */
  tryWrite(bytes: Uint8Array, options?: TryWriteOptions): number {
    requireBytes(bytes, "write");
    return this.#pipe.tryWrite(bytes, isGivenAway(bytes, options), options?.whole === true);
  }

  /**
   * Waits until the reader has read every byte of every write issued before. Later writes do not wait for it. A `write`
   * followed by a `flush` is equivalent to `Write` in Go. It also works after `close()` of this end.
   *
   * `progress.bytes` is the number of bytes that the reader has read, of all bytes written before the call. It is exact also
   * if the call rejects. Subtract the value of {@link bytesWritten} before the write to get the `n` of Go's `Write`.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`, or `progress` is not an object.
   * @throws `signal.reason` if the signal is or becomes aborted.
   * @throws The errors that {@link write} rejects with, once a close has dropped unread bytes.
   */
  flush(options?: FlushOptions): Promise<void> {
    try {
      const signal = signalOf(options);
      const progress = progressOf(options);
      if (signal?.aborted) throw signal.reason;
      return this.#pipe.flush(this, signal, progress);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * The error that writes reject with because of the reader, if they do.
   *
   * @internal
   */
  get peerFailure(): Failure | undefined {
    return this.#pipe.peerFailure("writer");
  }

  /**
   * The error that this side was closed with, by `closeWithError()` or by the signal of the pipe.
   *
   * @internal
   */
  get ownFailure(): Failure | undefined {
    return this.#pipe.failureOfSide("writer");
  }

  /**
   * Whether both sides are open, so that `closeWithError()` would pass its error to the reader.
   *
   * @internal
   */
  get isOpen(): boolean {
    return this.#pipe.writerClosing === undefined && this.#pipe.readerClosing === undefined;
  }

  /**
   * Whether the reader is closed, with or without an error.
   *
   * @internal
   */
  get isReaderClosed(): boolean {
    return this.#pipe.readerClosing !== undefined;
  }

  /**
   * Whether one of the ends was closed with `error`.
   *
   * @internal
   */
  isClosedWith(error: unknown): boolean {
    const failures = [this.#pipe.failureOfSide("writer"), this.#pipe.failureOfSide("reader")];
    return failures.some((failure) => failure !== undefined && Object.is(failure.reason, error));
  }

  /** Ends the stream: the reader gets all written bytes, then `null`. It neither throws nor waits. Only the first close counts. */
  close(): void {
    this.#pipe.closeWriter("closed");
  }

  /**
   * Ends the stream with an error: pending writes reject with a `ClosedPipeError`. The reader gets the accepted bytes, then
   * its reads reject with `error` itself. `error` may be any value. It neither throws nor waits. Only the first close counts.
   */
  closeWithError(error: unknown): void {
    this.#pipe.closeWriter("failed", error);
  }

  /** Calls {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The text that a console prints: the name, the number of waiting bytes, and the state. */
  get [Symbol.toStringTag](): string {
    return inspection(this.#pipe, "writer");
  }

  /** @internal */
  [INSPECT](): string {
    return inspection(this.#pipe, "writer");
  }
}

/** Whether the array is transferred and spans its buffer, so that a reader may receive it without a copy. */
function isGivenAway(bytes: Uint8Array, options: TransferOptions | undefined): boolean {
  return options?.transfer === true && spansItsBuffer(bytes);
}
