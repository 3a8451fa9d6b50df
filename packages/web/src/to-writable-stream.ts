import { PIPE_CAPACITY, type Writer } from "@pipe512/core";
import { NOTHING, requireBytes, requireMethod } from "./bytes.ts";
import { onceClosed } from "./closed.ts";
import { mayTry } from "./fairness.ts";

/** Options of {@link toWritableStream}. */
export interface ToWritableStreamOptions {
  /**
   * Gives each chunk away: who writes it must not touch its memory again. A consumer that takes owned chunks may then get
   * the very array.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/**
 * A Web `WritableStream` of bytes over the writing end of a pipe, or over any other `Writer`, which it takes over.
 *
 * A write resolves when the pipe has accepted its bytes, and the chunk may be reused then; `ready` means that no chunk is in hand. Ahead of the
 * reader are at most what the pipe holds and one chunk, unless writes are issued without waiting for `ready`: those
 * the stream queues, as the standard says.
 *
 * `close()` ends the stream after the accepted bytes. `abort(reason)` fails at once the write that waits, and the
 * reader gets the accepted bytes and then `reason` itself (an AbortError where there is none). When the
 * reader closes, the stream is errored with what writes reject with then.
 *
 * A chunk that is no `Uint8Array` errors the stream with a `TypeError`, which the reader gets too.
 *
 * @throws {TypeError} If `writer` is none.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * const text = readText(reader);
 * await new Blob(["hello"]).stream().pipeTo(toWritableStream(writer));
 * console.log(await text); // hello
 * ```
 */
export function toWritableStream(
  writer: Writer,
  options?: ToWritableStreamOptions,
): WritableStream<Uint8Array> {
  requireMethod(writer, "write", "Writer");
  return new WritableStream(new Sink(writer, options?.transfer === true));
}

const nothing = (): void => {};

class Sink implements UnderlyingSink<Uint8Array> {
  readonly #writer: Writer;
  readonly #options: { readonly transfer: true } | undefined;
  /** Set once by {@link start}. */
  #controller: WritableStreamDefaultController | undefined = undefined;
  /** Whether the stream itself has closed the writer. Set by {@link close}. */
  #closed = false;

  constructor(writer: Writer, transfer: boolean) {
    this.#writer = writer;
    this.#options = transfer ? { transfer } : undefined;
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    // The standard calls abort() only when the write that waits has settled; its signal is there at once.
    controller.signal?.addEventListener("abort", () => this.abort());
    onceClosed(this.#writer.closed, this);
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    try {
      const { length } = requireBytes(chunk, "write");
      // What is longer than the ring goes over whole, and its error says exactly how much of it was accepted.
      const accepted = length <= PIPE_CAPACITY && mayTry() ? (this.#writer.tryWrite?.(chunk) ?? 0) : 0;
      if (accepted > 0 && accepted === length) return undefined;
      const rest = accepted === 0 ? chunk : chunk.subarray(accepted);
      return this.#writer.write(rest, this.#options).then(nothing, (error) => this.#fail(error));
    } catch (error) {
      return this.#fail(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#writer.close();
  }

  abort(reason?: unknown): void {
    const { signal } = this.#controller as WritableStreamDefaultController;
    this.#writer.closeWithError(signal ? signal.reason : reason);
  }

  /** The stream fails with the error, and the other end is told, where it does not know. */
  #fail(error: unknown): never {
    const reason = this.#reasonOf(error);
    this.#writer.closeWithError(reason);
    throw reason;
  }

  /** Why a write failed: where this side was closed with an error, that error. */
  #reasonOf(error: unknown): unknown {
    const { code, side, cause } = Object(error) as Record<string, unknown>;
    const { signal } = this.#controller as WritableStreamDefaultController;
    if (signal?.aborted) return signal.reason;
    return code === "ERR_CLOSED_PIPE" && side === "writer" && "cause" in (error as object) ? cause : error;
  }

  /** A new write would fail: tells a producer that does not write. */
  async learn(): Promise<void> {
    if (this.#closed) return;
    try {
      this.#writer.tryWrite?.(NOTHING);
      await this.#writer.write(NOTHING);
    } catch (error) {
      this.#controller?.error(this.#reasonOf(error));
    }
  }
}
