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
   * Makes a byte stream, from which a consumer can read into its own view (`getReader({ mode: "byob" })`). Byte streams
   * are slower in every engine, so use `false` if no consumer does that. An engine without byte streams makes a default
   * stream.
   *
   * @default {true}
   */
  readonly byob?: boolean | undefined;
  /**
   * The maximum number of bytes of a read without a view, an integer of at least 1. An array whose ownership was
   * transferred is delivered whole.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
  /** Aborting it errors the stream at once with `signal.reason`, and closes the reader with the same error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A Web `ReadableStream` of bytes over the reading end of a pipe, or over any other `Reader`. It takes ownership of the
 * reader.
 *
 * Nothing is read before the consumer reads, and the stream buffers nothing (`highWaterMark` is 0). If the consumer
 * passes a view, the reader fills that memory; otherwise the consumer owns the chunks it gets. At the reader's end the
 * stream closes. If the reader fails, the stream is errored with the same object after the last byte.
 *
 * `cancel(reason)` closes the reader with `reason`, so pending writes reject with it; `cancel()` closes it without an
 * error. A loop over the stream can be left during a pending read. Releasing a pending read loses no bytes: they stay
 * in the stream for the next read. A stream transferred to another thread reads one chunk ahead (WHATWG Streams,
 * "Transfer via postMessage()").
 *
 * @throws {TypeError} If `reader` is not a `Reader`. The message names the function that converts it.
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

/** Like {@link toReadableStream}, for the reader of a `pipeStream()`, whose writer `writableOver` converts. */
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
