import { PIPE_CAPACITY, type Writer } from "@pipe512/core";
import { ForeignCount, spend, writeWhole } from "@pipe512/core/adapter";
import type { Abort } from "./abort.ts";
import { bytesOf, type Chunk, NOTHING } from "./bytes.ts";
import { onceClosed } from "./closed.ts";
import type { HandOff } from "./hand-off.ts";

/**
 * The sink of a stream over a `Writer`. Only the stream has a reference to it, so `private` methods suffice; `#private`
 * ones are slower.
 */
export class Sink implements UnderlyingSink<Chunk> {
  readonly #writer: Writer;
  readonly #options: { readonly transfer: true } | undefined;
  readonly #handOff: HandOff | undefined;
  readonly #abort: Abort | undefined;
  /** Set once by {@link start}. */
  #controller!: WritableStreamDefaultController;
  /** Whether the stream itself has closed the writer. Set by {@link close}. */
  #closed = false;

  constructor(writer: Writer, transfer: boolean, handOff: HandOff | undefined, abort: Abort | undefined) {
    this.#writer = writer;
    this.#options = transfer ? { transfer } : undefined;
    this.#handOff = handOff;
    this.#abort = abort;
  }

  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    // The standard calls abort() only after a pending write has settled. The signal aborts at once.
    controller.signal?.addEventListener("abort", () => this.abort());
    onceClosed(this.#writer.closed, this);
    this.#abort?.start(this);
  }

  write(chunk: Chunk): Promise<void> | undefined {
    try {
      const bytes = bytesOf(chunk, "write");
      const { length } = bytes;
      const accepted = this.accept(bytes, length);
      if (accepted > 0 && accepted === length) return undefined;
      const rest = accepted === 0 ? bytes : bytes.subarray(accepted);
      return this.#writer.write(rest, this.#options).then(
        (count) => (count === length - accepted ? undefined : this.writeRest(rest, count)),
        (error) => this.fail(error),
      );
    } catch (error) {
      return this.fail(error);
    }
  }

  /** Passes on the bytes that are accepted at once, and returns their number. */
  private accept(bytes: Uint8Array, length: number): number {
    const taker = this.#handOff?.taker;
    if (taker !== undefined && length > 0) {
      this.#writer.tryWrite?.(NOTHING); // Throws if the pipe is closed, as a write of the chunk would.
      if (taker.take(bytes, this.#options !== undefined)) return length;
    }
    // A chunk longer than the ring is written whole, so that its error reports exactly how many bytes were accepted.
    return length <= PIPE_CAPACITY && spend(0) ? (this.#writer.tryWrite?.(bytes, this.#options) ?? 0) : 0;
  }

  /** Writes the rest of `bytes` after a foreign writer has accepted only `count` of them (PIPE-065). */
  private async writeRest(bytes: Uint8Array, count: number): Promise<void> {
    try {
      const accepted = new ForeignCount("write").check(count, bytes.length);
      await writeWhole(this.#writer, bytes.subarray(accepted), this.#options);
    } catch (error) {
      this.fail(error);
    }
  }

  close(): Promise<void> | undefined {
    this.#closed = true;
    const { signal } = this.#abort ?? this.#controller;
    const finished = this.#writer.finish?.({ signal: signal as AbortSignal | undefined });
    if (finished === undefined) {
      this.#abort?.stop();
      this.#writer.close();
      return undefined;
    }
    return finished.then(
      () => this.#abort?.stop(),
      (error) => this.fail(error),
    );
  }

  abort(reason?: unknown): void {
    const { signal } = this.#controller;
    this.#abort?.stop();
    this.#writer.closeWithError(signal ? signal.reason : reason);
  }

  cutOff(reason: unknown): void {
    this.#writer.closeWithError(reason);
    this.#controller.error(reason);
  }

  /** Errors the stream, and closes the writer with the same error if it is open. */
  private fail(error: unknown): never {
    const reason = this.reasonOf(error);
    this.#abort?.stop();
    this.#writer.closeWithError(reason);
    throw reason;
  }

  /** The error of a failed write. If this side was closed with an error, returns that error. */
  private reasonOf(error: unknown): unknown {
    const { code, side, cause } = Object(error) as Record<string, unknown>;
    const { signal } = this.#controller;
    if (signal?.aborted) return signal.reason;
    return code === "ERR_CLOSED_PIPE" && side === "writer" && "cause" in (error as object) ? cause : error;
  }

  /** Errors the stream if a write would fail now, so that an idle producer is notified. */
  async learn(): Promise<void> {
    if (this.#closed) return;
    try {
      this.#writer.tryWrite?.(NOTHING);
      await this.#writer.write(NOTHING);
    } catch (error) {
      this.#abort?.stop();
      this.#controller.error(this.reasonOf(error));
    }
  }
}
