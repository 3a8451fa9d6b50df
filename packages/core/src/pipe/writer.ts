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
 * Calls may overlap: writes are taken in the order of the calls, each whole. An end that is lost without having been
 * closed is found when it is garbage-collected; the reader then gets the accepted bytes and an `AbandonedPipeError`.
 *
 * # Closing
 *
 * `close()` lets the writes already issued go on; the reader gets all of their bytes and then the end. (Go's fails the
 * writes in flight; here `write(x); close()` without an `await` loses nothing.) `closeWithError(e)` rejects them, and the
 * reader gets the bytes accepted by then and then `e` itself. The first close counts.
 */
export class PipeWriter implements Writer {
  readonly #pipe: Pipe;

  /** @internal */
  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** Bytes accepted through this end since the start. */
  get bytesWritten(): number {
    return this.#pipe.bytesWritten;
  }

  /** Resolves as soon as a new write would fail, whichever side closed. Never rejects. */
  get closed(): Promise<void> {
    return this.#pipe.writerClosed;
  }

  /** Bytes that {@link tryWrite} would accept now, without waiting. */
  get room(): number {
    return this.#pipe.room;
  }

  /**
   * Resolves when a write would be accepted at least in part without waiting, or would fail: so a producer can work only when its work has
   * room. Another write may take the room first.
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
   * Writes all of `bytes` and resolves with `bytes.length` once every byte is accepted: copied into the ring or into the
   * array of a read that waits. It waits for as long as the reader leaves no room. A write of 0 bytes resolves at once.
   *
   * While it waits it keeps the array and no copy; once it has resolved the array may be reused. A write that is
   * rejected may have moved bytes before: `progress.bytes` says how many, and so does `bytesWritten` of a `ClosedPipeError`.
   *
   * @throws {TypeError} If `bytes` is no `Uint8Array`, or its memory is detached or shrunk, then or while it waits; or if an option is of the wrong type.
   * @throws `signal.reason` if the signal is or becomes aborted. The bytes moved by then stay moved, and the pipe stays usable.
   * @throws {ClosedPipeError} If this end is closed, or the reader is closed without an error.
   * @throws {AbandonedPipeError} If the reader was garbage-collected unclosed.
   * @throws The very error that the reader was closed with.
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
   * Writes what is accepted without waiting and returns its length: 0 while other writes wait, and less than
   * `bytes.length` where the ring has no room for more. With `whole` it accepts all of `bytes` or nothing.
   *
   * @throws As {@link write} rejects, at once.
   */
  tryWrite(bytes: Uint8Array, options?: TryWriteOptions): number {
    requireBytes(bytes, "write");
    return this.#pipe.tryWrite(bytes, isGivenAway(bytes, options), options?.whole === true);
  }

  /**
   * Waits until the reader has taken every byte of every write issued before. It holds up no later write. `write` and
   * then `flush` is what `Write` is in Go, a rendezvous. It also works after an own `close()`.
   *
   * `progress.bytes` is how many of all bytes written before the call the reader has taken, whatever the call settles with. Subtract
   * {@link bytesWritten} as it was before the write to get the `n` of Go's `Write`.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`, or `progress` is not an object.
   * @throws `signal.reason` if the signal is or becomes aborted.
   * @throws As a write would, once a close has dropped bytes that were to be taken.
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
   * What writes are rejected with because of the reader, if they are.
   *
   * @internal
   */
  get peerFailure(): Failure | undefined {
    return this.#pipe.peerFailure("writer");
  }

  /**
   * The error that this side was closed with, by the signal of the pipe or by a call.
   *
   * @internal
   */
  get ownFailure(): Failure | undefined {
    return this.#pipe.failureOfSide("writer");
  }

  /**
   * Whether neither side is closed: an error that this end is closed with now reaches the reader.
   *
   * @internal
   */
  get isOpen(): boolean {
    return this.#pipe.writerClosing === undefined && this.#pipe.readerClosing === undefined;
  }

  /**
   * Whether the reader is closed, in whatever way.
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

  /** Ends the stream: the reader gets what was written, then `null`. Never throws, never waits; only the first close counts. */
  close(): void {
    this.#pipe.closeWriter("closed");
  }

  /**
   * Ends the stream with an error: writes in flight are rejected with a `ClosedPipeError`, and the reader gets what was
   * accepted, then `error` itself. Any value will do, falsy ones too. Never throws, never waits; only the first close counts.
   */
  closeWithError(error: unknown): void {
    this.#pipe.closeWriter("failed", error);
  }

  /** As {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What a console shows: name, bytes waiting, and state. */
  get [Symbol.toStringTag](): string {
    return inspection(this.#pipe, "writer");
  }

  /** @internal */
  [INSPECT](): string {
    return inspection(this.#pipe, "writer");
  }
}

/** Whether an array that was given away can be handed over as it is: with a buffer that nobody shares. */
function isGivenAway(bytes: Uint8Array, options: TransferOptions | undefined): boolean {
  return options?.transfer === true && spansItsBuffer(bytes);
}
