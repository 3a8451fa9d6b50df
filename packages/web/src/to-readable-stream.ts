import type { Reader } from "@pipe512/core";
import { chunkSizeOf, NOTHING, requireMethod } from "./bytes.ts";
import { Chunks } from "./chunks.ts";
import { onceClosed } from "./closed.ts";
import { mayTry } from "./fairness.ts";
import { Iteration } from "./iteration.ts";

/** Options of {@link toReadableStream}. */
export interface ToReadableStreamOptions {
  /**
   * Makes a byte stream, from which a consumer can read into a view of its own (`getReader({ mode: "byob" })`). Engines are
   * slow at these: who reads plain chunks only is better off with `false`. An engine that has none makes a plain one anyway.
   *
   * @default {true}
   */
  readonly byob?: boolean | undefined;
  /**
   * The most bytes that one read asks for, where the consumer brings no view. An array that its writer gave away
   * comes whole.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
}

/**
 * A Web `ReadableStream` of bytes over the reading end of a pipe, or over any other `Reader`, which it takes over.
 *
 * Nothing is read before the consumer asks, and nothing is buffered (`highWaterMark` is 0): it adds no byte to what the pipe holds.
 * A consumer's own view is the very memory that the reader fills; without one, the consumer gets chunks that it
 * owns. The reader's end is the stream's end, and its error the stream's, the same object, after the last byte.
 *
 * `cancel(reason)` closes the reader with the reason, so that the writer's writes reject with it; `cancel()` only closes. A
 * loop over the stream can be left while it waits.
 *
 * @throws {TypeError} If `reader` is none.
 * @throws {RangeError} If `chunkSize` is no integer of at least 1.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * void writeText(writer, "hello").then(() => writer.close());
 * console.log(await new Response(toReadableStream(reader)).text()); // hello
 * ```
 */
export function toReadableStream(
  reader: Reader,
  options?: ToReadableStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  requireMethod(reader, "read", "Reader");
  const chunks = new Chunks(reader, chunkSizeOf(options));
  const stream = options?.byob === false ? plainStream(reader, chunks) : byteStream(reader, chunks);
  const values = (how?: ReadableStreamIteratorOptions) => new Iteration(stream, how);
  return Object.defineProperties(stream, {
    values: { value: values, configurable: true, writable: true },
    [Symbol.asyncIterator]: { value: values, configurable: true, writable: true },
  });
}

type ByteReadable = ReadableStream<Uint8Array<ArrayBuffer>>;

function plainStream(reader: Reader, chunks: Chunks): ByteReadable {
  const source: unknown = new Source(reader, chunks);
  return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
}

function byteStream(reader: Reader, chunks: Chunks): ByteReadable {
  try {
    const source: unknown = new Source(reader, chunks, "bytes");
    return new ReadableStream(source as UnderlyingByteSource, { highWaterMark: 0 });
  } catch {
    return plainStream(reader, chunks); // The engine has no byte streams.
  }
}

class Source {
  readonly type: "bytes" | undefined;
  readonly #reader: Reader;
  readonly #chunks: Chunks;
  /** Set once by {@link start}. */
  #controller: ReadableByteStreamController | undefined = undefined;
  /** The pull that waits for the reader. Set and cleared by {@link pull}. */
  #waiting: Promise<void> | undefined = undefined;
  /** Whether the stream was told its end. Set by {@link #end}, and by {@link cancel}. */
  #ended = false;

  constructor(reader: Reader, chunks: Chunks, type?: "bytes") {
    this.#reader = reader;
    this.#chunks = chunks;
    this.type = type;
  }

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller;
    onceClosed(this.#reader.closed, this);
  }

  pull(controller: ReadableByteStreamController): Promise<void> | undefined {
    const view = controller.byobRequest?.view;
    try {
      if (mayTry()) {
        const got = view ? this.#reader.tryRead?.(view as Uint8Array) : this.#chunks.tryNext();
        if (got !== undefined && this.#deliver(controller, got)) return undefined;
      }
    } catch (error) {
      this.#reader.closeWithError(error);
      throw error;
    }
    this.#waiting = this.#wait(controller, view as Uint8Array | undefined);
    return this.#waiting;
  }

  cancel(reason: unknown): void {
    this.#ended = true;
    if (reason === undefined) this.#reader.close();
    else this.#reader.closeWithError(reason);
  }

  async #wait(controller: ReadableByteStreamController, view: Uint8Array | undefined): Promise<void> {
    try {
      for (;;) {
        const got = view ? await this.#reader.read(view) : await this.#chunks.next();
        // The standard has no answer of 0 bytes, which a reader that is no pipe may give.
        if (this.#deliver(controller, got)) return;
      }
    } catch (error) {
      this.#reader.closeWithError(error); // It may be the stream's: no chunk is wanted any more.
      throw error;
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Hands over what came, and returns whether anything did. */
  #deliver(controller: ReadableByteStreamController, got: Uint8Array | number | null): boolean {
    if (got === null) {
      this.#end(controller);
    } else if (typeof got === "number") {
      if (got === 0) return false;
      controller.byobRequest?.respond(got);
    } else {
      if (got.length === 0) return false;
      // A byte stream takes over the whole of a chunk's memory, and cannot take what is shared.
      const whole = got.byteLength === got.buffer.byteLength && got.buffer instanceof ArrayBuffer;
      controller.enqueue((whole || !this.type ? got : new Uint8Array(got)) as Uint8Array<ArrayBuffer>);
    }
    return true;
  }

  #end(controller: ReadableByteStreamController): void {
    if (this.#ended) return;
    this.#ended = true;
    controller.close();
    // The standard lets go of the views that wait, and settles their reads, only with this answer (whatwg/streams#1321).
    controller.byobRequest?.respond(0);
  }

  /** No read of the reader can deliver a byte any more: tells a consumer that does not ask. */
  async learn(): Promise<void> {
    while (this.#waiting !== undefined) await this.#waiting.catch(() => {});
    if (this.#ended) return;
    const controller = this.#controller as ReadableByteStreamController;
    try {
      if ((await this.#reader.read(NOTHING)) === null) this.#end(controller);
    } catch (error) {
      // An error drops what lies in the stream, so it waits there for the next read.
      if (controller.desiredSize === 0) controller.error(error);
    }
  }
}
