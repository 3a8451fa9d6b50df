import { EventEmitter } from "node:events";
import { finished, type Readable } from "node:stream";
import type { PipeWriter } from "@pipe512/core";
import { describe, isBytes } from "@pipe512/core/adapter";

const ignore = (): void => {};

/**
 * Pulls a stream into a pipe, chunk by chunk, as the reader reads. It has no reference to the reading end: if that end is
 * garbage-collected, the pipe must detect it, so that the stream is destroyed.
 */
export class Source {
  readonly #stream: Readable;
  readonly #writer: PipeWriter;
  readonly #transfer: boolean;
  /** Number of pending reads. */
  #reads = 0;
  /** Whether a chunk of the stream is pulled, or is in the pipe and not completely read. */
  #isPulling = false;
  /** Number of chunks that are not completely read. At most one, unless the stream ignores `pause()`. */
  #inHand = 0;
  /** Set once the stream has ended, or has failed with an error. */
  #end: { readonly error?: unknown } | undefined;

  readonly #onSettled = (): void => {
    this.#reads -= 1;
  };
  /** Called when a chunk is completely read, or will not be read any further. */
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
    stream.on("error", ignore); // Reads reject with the error. Without a listener, it would end the process.
    finished(stream, { writable: false }, (error) => {
      this.#end ??= error ? { error } : {};
      if (this.#inHand === 0) this.#finish(this.#end);
    });
    stream.pause(); // Otherwise the next listener would make the stream flow.
    stream.on("data", (chunk: unknown) => this.#take(chunk));
    // At its end a stream emits `readable` with an empty buffer, even if no read is pending. The stream's own `on()` would start a read
    // for this listener.
    EventEmitter.prototype.on.call(stream, "readable", () => {
      if (stream.readableLength === 0) this.pull();
    });
    void writer.closed.then(() => this.leave());
  }

  /** Pulls until `read` has settled, and returns it. */
  serve<T>(read: Promise<T>): Promise<T> {
    this.#reads += 1;
    this.pull();
    return read.finally(this.#onSettled);
  }

  /** Pulls a chunk, unless one is being pulled or read. */
  pull(): void {
    if (this.#isPulling || this.#end !== undefined) return;
    this.#isPulling = true;
    this.#stream.resume();
  }

  /** Called when the reader is closed. Destroys the stream. */
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
    // The write settles when the whole chunk is in the pipe, and the flush when it is read.
    const written = this.#writer.write(bytes, { transfer: this.#transfer });
    void Promise.allSettled([written, this.#writer.flush()]).then(this.#onTaken);
  }

  /** Fails the stream, which is in object mode and has delivered a value that is neither a string nor bytes. */
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
