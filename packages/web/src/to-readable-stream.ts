import type { Reader } from "@pipe512/core";
import { requireInteger, requireReader } from "@pipe512/core/adapter";
import { Abort } from "./abort.ts";
import { CHUNK_BYTES } from "./bytes.ts";
import type { HandOff } from "./hand-off.ts";
import { Iteration } from "./iteration.ts";
import { watchReaders } from "./locks.ts";
import { Source } from "./source.ts";

/** Options of {@link toReadableStream}. */
export interface ToReadableStreamOptions {
  /**
   * Makes a byte stream, from which a consumer can read into a view of its own (`getReader({ mode: "byob" })`). Engines are
   * slow at these: a consumer that reads plain chunks only is better off with `false`. An engine that has none makes a plain one anyway.
   *
   * @default {true}
   */
  readonly byob?: boolean | undefined;
  /**
   * The most bytes that one read asks for, an integer of at least 1, where the consumer brings no view. An array whose writer
   * transferred its ownership comes whole.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
  /** Aborting it errors the stream at once with `signal.reason`, and closes the reader with it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A Web `ReadableStream` of bytes over the reading end of a pipe, or over any other `Reader`, which it takes over.
 *
 * Nothing is read before the consumer asks, and nothing is buffered (`highWaterMark` is 0): it adds no byte to what the pipe holds.
 * A consumer's own view is the very memory that the reader fills; without one, the consumer gets chunks that it
 * owns. The reader's end is the stream's end, and its error the stream's, the same object, after the last byte.
 *
 * `cancel(reason)` closes the reader with the reason, so that the writer's writes reject with it; `cancel()` only closes. A
 * loop over the stream can be left while it waits. A read that is released while it waits loses no byte: what comes for it stays in the
 * stream for the next read. A stream that is transferred to another thread fetches one chunk ahead
 * (WHATWG Streams, "Transfer via postMessage()").
 *
 * @throws {TypeError} If `reader` is not a `Reader`; the message names the function that makes one of it.
 * @throws {TypeError} If `signal` is not an `AbortSignal`.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
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
  requireReader(reader);
  return readableOver(reader, options);
}

/** As {@link toReadableStream} over one end of a pipe, of whose other end `writableOver` makes a stream. */
export function readableOver(
  reader: Reader,
  options: ToReadableStreamOptions = {},
  handOff?: HandOff,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { byob = true, chunkSize = CHUNK_BYTES, signal } = options;
  requireInteger("chunkSize", chunkSize, 1);
  const abort = signal === undefined ? undefined : new Abort(signal);
  const make = (type: "bytes" | undefined): ReadableStream<Uint8Array<ArrayBuffer>> => {
    const source = new Source(reader, chunkSize, type, handOff, abort);
    const stream = new ReadableStream(source as UnderlyingByteSource, { highWaterMark: 0 });
    const lock: () => ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = stream.getReader.bind(stream);
    const values = {
      value: (how?: ReadableStreamIteratorOptions) => new Iteration(lock(), how),
      configurable: true,
      writable: true,
    };
    watchReaders(stream, source);
    return Object.defineProperties(stream, { values, [Symbol.asyncIterator]: values });
  };
  if (!byob) return make(undefined);
  try {
    return make("bytes");
  } catch {
    return make(undefined); // The engine has no byte streams.
  }
}
