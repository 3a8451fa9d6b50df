import { finished, type Readable } from "node:stream";
import type { PipeWriter } from "@pipe512/core";

const ignore = (): void => {};

/**
 * A stream that is pulled into a pipe, chunk by chunk, as somebody reads. It does not know who: a reading end that is lost
 * must be found, and the stream destroyed.
 */
export class Source {
  readonly #stream: Readable;
  readonly #writer: PipeWriter;
  readonly #transfer: boolean;
  /** Reads that have not settled. */
  #reads = 0;
  /** Whether the stream was asked for a chunk, or one is in hand that is not all read. */
  #isPulling = false;
  /** Chunks in hand: one, but for a stream that does not heed `pause()`. */
  #inHand = 0;
  /** Set once the stream has ended, or has failed with an error. */
  #end: { readonly error?: unknown } | undefined;

  readonly #onSettled = (): void => {
    this.#reads -= 1;
  };
  /** All of a chunk is read, or nobody reads it any more. */
  readonly #onTaken = (): void => {
    this.#inHand -= 1;
    if (this.#inHand > 0) return;
    this.#isPulling = false;
    if (this.#end !== undefined) this.#finish(this.#end);
    else if (this.#reads > 0) this.pull();
  };

  constructor(stream: Readable, writer: PipeWriter, transfer: boolean) {
    this.#stream = stream;
    this.#writer = writer;
    this.#transfer = transfer;
    stream.on("error", ignore); // Reads tell it. Without a listener it would end the process.
    finished(stream, { writable: false }, (error) => {
      this.#end ??= error ? { error } : {};
      if (this.#inHand === 0) this.#finish(this.#end);
    });
    stream.pause(); // Or the listener would set it flowing.
    stream.on("data", (chunk: Uint8Array | string) => this.#take(chunk));
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
    if (this.#isPulling || this.#end !== undefined) return;
    this.#isPulling = true;
    this.#stream.resume();
  }

  /** Nobody reads any more. */
  leave(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = {};
    this.#stream.destroy(error);
  }

  #take(chunk: Uint8Array | string): void {
    this.#stream.pause();
    this.#inHand += 1;
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk, this.#stream.readableEncoding ?? "utf8") : chunk;
    // The write is done when all of it is in the pipe; the flush, when all of it is read.
    const written = this.#writer.write(bytes, { transfer: this.#transfer });
    void Promise.allSettled([written, this.#writer.flush()]).then(this.#onTaken);
  }

  #finish(end: { readonly error?: unknown }): void {
    if ("error" in end) this.#writer.closeWithError(end.error);
    else this.#writer.close();
  }
}
