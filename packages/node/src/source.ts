import type { Readable } from "node:stream";
import type { PipeWriter } from "@pipe512/core";
import { Iteration } from "./iteration.ts";

const ignore = (): void => {};

/**
 * A stream that is pulled into a pipe, chunk by chunk, as somebody reads. It does not know who: a reading end that is lost
 * must be found, and the stream destroyed.
 */
export class Source {
  readonly #stream: Readable;
  readonly #iteration: Iteration;
  readonly #writer: PipeWriter;
  readonly #transfer: boolean;
  /** Reads that have not settled. */
  #reads = 0;
  /** Whether the stream was asked for a chunk, or one is in hand that is not all read. */
  #pulling = false;
  /** Whether the stream needs no destroying. */
  #over = false;
  /** Why the stream has failed, once it has. */
  #failure: { readonly error: unknown } | undefined;

  readonly #onSettled = (): void => {
    this.#reads -= 1;
  };

  constructor(stream: Readable, writer: PipeWriter, transfer: boolean) {
    this.#stream = stream;
    this.#writer = writer;
    this.#transfer = transfer;
    stream.on("error", ignore); // Reads tell it. Without a listener it would end the process.
    this.#iteration = new Iteration(stream, false, (error) => {
      this.#failure = { error };
      if (!this.#pulling) this.#fail();
    });
    void writer.closed.then(() => this.leave());
  }

  /** Pulls until the read has settled. */
  serve<T>(read: Promise<T>): Promise<T> {
    this.#reads += 1;
    this.pull();
    return read.finally(this.#onSettled);
  }

  /** Pulls a chunk, if none is in hand. */
  pull(): void {
    if (this.#pulling || this.#over) return;
    this.#pulling = true;
    void this.#pull();
  }

  /** Nobody reads any more. */
  leave(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    void this.#iteration.return();
    this.#stream.destroy(error);
  }

  async #pull(): Promise<void> {
    try {
      do {
        const { done, value } = await this.#iteration.next();
        if (done) {
          this.#over = true;
          this.#writer.close();
          return;
        }
        // The write is done when all of it is in the pipe; the flush, when all of it is read.
        const written = this.#writer.write(this.#bytes(value), { transfer: this.#transfer });
        await Promise.all([written, this.#writer.flush()]);
      } while (this.#reads > 0);
      this.#pulling = false;
      if (this.#failure !== undefined) this.#fail();
    } catch (error) {
      // The stream has failed, or the reading end has closed and the stream is left.
      this.#failure ??= { error };
      this.#fail();
    }
  }

  #fail(): void {
    this.#over = true;
    this.#writer.closeWithError(this.#failure?.error);
  }

  #bytes(chunk: Uint8Array | string): Uint8Array {
    return typeof chunk === "string" ? Buffer.from(chunk, this.#stream.readableEncoding ?? "utf8") : chunk;
  }
}
