import { pipe } from "@pipe512/core";
import type { Chunk } from "./bytes.ts";
import { newHandOff } from "./hand-off.ts";
import { readableOver, type ToReadableStreamOptions } from "./to-readable-stream.ts";
import { type ToWritableStreamOptions, writableOver } from "./to-writable-stream.ts";

/** Options of {@link pipeStream}. */
export interface PipeStreamOptions extends ToReadableStreamOptions, ToWritableStreamOptions {
  /**
   * Aborting it errors both sides at once with `signal.reason`; the readable side delivers the accepted bytes first.
   */
  readonly signal?: AbortSignal | undefined;
}

/** The two sides of a pipe, as `pipeThrough()` expects them. */
export interface PipeStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Chunk>;
}

/**
 * A pipe as a pair of Web Streams: a drop-in replacement for an identity `TransformStream` of bytes. It holds at most
 * 512 bytes, and one chunk in the writable side. Its readable side is a byte stream. Its first write resolves without a
 * reader. Accepted bytes are delivered even if the writable side is aborted.
 *
 * With `byob: false` the readable side is a default stream, which is faster in every engine. A chunk goes directly to a
 * waiting consumer, unless the pipe was made while `@pipe512/core/diagnostics` was watching.
 *
 * @throws {TypeError} If `signal` is not an `AbortSignal`.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
 *
 * @example
 * ```ts
 * const { readable, writable } = pipeStream();
 * void new Blob(["hello"]).stream().pipeTo(writable);
 * console.log(await new Response(readable).text()); // hello
 * ```
 */
export function pipeStream(options?: PipeStreamOptions): PipeStream {
  const { signal, ...rest } = options ?? {};
  const { reader, writer } = pipe({ signal });
  const handOff = newHandOff();
  // The pipe holds the hand-off, and its taker, until the reader is closed. So a read rejects when the writing side is
  // lost, even if the caller kept only its promise.
  void reader.closed.then(() => handOff);
  return {
    readable: readableOver(reader, rest, handOff),
    writable: writableOver(writer, rest, handOff),
  };
}
