import type { Reader } from "@pipe512/core";
import { chunkSizeOf, requireMethod } from "./bytes.ts";
import type { HandOff } from "./hand-off.ts";
import { Iteration } from "./iteration.ts";
import { Source } from "./source.ts";

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
   * The most bytes that one read asks for, an integer of at least 1, where the consumer brings no view. An array that its writer
   * gave away comes whole.
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
 * loop over the stream can be left while it waits. A stream that is transferred to another thread fetches one chunk ahead
 * (WHATWG Streams, "Transfer via postMessage()").
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
  return readableOver(reader, options);
}

/** As {@link toReadableStream} over one end of a pipe, of whose other end `writableOver` makes a stream. */
export function readableOver(
  reader: Reader,
  options: ToReadableStreamOptions | undefined,
  handOff?: HandOff,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunkSize = chunkSizeOf(options);
  const stream = streamOf(
    (type) => new Source(reader, chunkSize, type, handOff),
    options?.byob === false ? undefined : "bytes",
  );
  const values = {
    value: (how?: ReadableStreamIteratorOptions) => new Iteration(stream, how),
    configurable: true,
    writable: true,
  };
  return Object.defineProperties(stream, { values, [Symbol.asyncIterator]: values });
}

function streamOf(
  source: (type: "bytes" | undefined) => unknown,
  type: "bytes" | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  try {
    return new ReadableStream(source(type) as UnderlyingByteSource, { highWaterMark: 0 });
  } catch (error) {
    if (type === undefined) throw error;
    return streamOf(source, undefined); // The engine has no byte streams.
  }
}
