import { PIPE_CAPACITY, type Writer } from "@pipe512/core";
import { NOTHING, requireBytes } from "./bytes.ts";
import { onceClosed } from "./closed.ts";
import { mayTry } from "./fairness.ts";
import type { HandOff } from "./hand-off.ts";

const nothing = (): void => {};

/** The sink of a stream over a `Writer`. Only the stream gets hold of it, so its methods are `private` and not `#private`. */
export class Sink implements UnderlyingSink<Uint8Array> {
  readonly #writer: Writer;
  readonly #options: { readonly transfer: true } | undefined;
  readonly #handOff: HandOff | undefined;
  /** Set once by {@link start}. */
  #controller!: WritableStreamDefaultController;
  /** Whether the stream itself has closed the writer. Set by {@link close}. */
  #closed = false;

  constructor(writer: Writer, transfer: boolean, handOff: HandOff | undefined) {
    this.#writer = writer;
    this.#options = transfer ? { transfer } : undefined;
    this.#handOff = handOff;
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
      const accepted = this.accept(chunk, length);
      if (accepted > 0 && accepted === length) return undefined;
      const rest = accepted === 0 ? chunk : chunk.subarray(accepted);
      return this.#writer.write(rest, this.#options).then(nothing, (error) => this.fail(error));
    } catch (error) {
      return this.fail(error);
    }
  }

  /** Gets rid of what can go at once, and returns how many bytes that were. */
  private accept(chunk: Uint8Array, length: number): number {
    const handOff = this.#handOff;
    const writer = this.#writer;
    const now = mayTry();
    const taker = handOff?.taker;
    if (taker !== undefined && length > 0) {
      writer.tryWrite?.(NOTHING); // A pipe that is closed refuses it, as it would the chunk.
      (handOff as HandOff).taker = undefined;
      if (now && taker.take(chunk, this.#options !== undefined)) return length;
      taker.wait();
    }
    // What is longer than the ring goes over whole, and its error says exactly how much of it was accepted.
    return now && length <= PIPE_CAPACITY ? (writer.tryWrite?.(chunk) ?? 0) : 0;
  }

  close(): void {
    this.#closed = true;
    this.#writer.close();
  }

  abort(reason?: unknown): void {
    const { signal } = this.#controller;
    this.#writer.closeWithError(signal ? signal.reason : reason);
  }

  /** The stream fails with the error, and the other end is told, where it does not know. */
  private fail(error: unknown): never {
    const reason = this.reasonOf(error);
    this.#writer.closeWithError(reason);
    throw reason;
  }

  /** Why a write failed: where this side was closed with an error, that error. */
  private reasonOf(error: unknown): unknown {
    const { code, side, cause } = Object(error) as Record<string, unknown>;
    const { signal } = this.#controller;
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
      this.#controller.error(this.reasonOf(error));
    }
  }
}
