import { EventEmitter } from "node:events";
import { finished, type Readable } from "node:stream";
import type { PipeWriter } from "@pipe512/core";
import { describe, isBytes } from "@pipe512/core/adapter";

const ignore = (): void => {};

/**
 * A stream that is pulled into a pipe, chunk by chunk, as the reader reads. It does not hold the reading end, whose loss must be
 * found, and the stream destroyed then.
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
  /** All of a chunk is read, or none of it is going to be. */
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
    stream.on("error", ignore); // Reads reject with it. Without a listener it would end the process.
    finished(stream, { writable: false }, (error) => {
      this.#end ??= error ? { error } : {};
      if (this.#inHand === 0) this.#finish(this.#end);
    });
    stream.pause(); // Or the listener would set it flowing.
    stream.on("data", (chunk: unknown) => this.#take(chunk));
    // A stream that ends emits `readable` with nothing in it, also where no read asked for more. The stream's own `on()` would take this
    // listener for a first read.
    EventEmitter.prototype.on.call(stream, "readable", () => {
      if (stream.readableLength === 0) this.pull();
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
    if (this.#isPulling || this.#end !== undefined) return;
    this.#isPulling = true;
    this.#stream.resume();
  }

  /** The reader was closed. */
  leave(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = {};
    this.#stream.destroy(error);
  }

  #take(chunk: unknown): void {
    const stream = this.#stream;
    stream.pause();
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, stream.readableEncoding ?? "utf8") : chunk;
    if (!isBytes(bytes)) {
      this.#refuse(chunk);
      return;
    }
    this.#inHand += 1;
    // The write is done when all of it is in the pipe; the flush, when all of it is read.
    const written = this.#writer.write(bytes, { transfer: this.#transfer });
    void Promise.allSettled([written, this.#writer.flush()]).then(this.#onTaken);
  }

  /** A stream in object mode has delivered a value that is neither text nor bytes. */
  #refuse(value: unknown): void {
    if (this.#end !== undefined) return;
    const error = new TypeError(
      `Cannot read on: the stream delivered ${describe(value)}; make it deliver bytes or strings`,
    );
    this.#end = { error };
    this.#stream.destroy(error);
    if (this.#inHand === 0) this.#finish(this.#end);
  }

  #finish(end: { readonly error?: unknown }): void {
    if ("error" in end) this.#writer.closeWithError(end.error);
    else this.#writer.close();
  }
}
