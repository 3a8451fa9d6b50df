import { pipe } from "@pipe512/core";
import type { Chunk } from "./bytes.ts";
import { newHandOff } from "./hand-off.ts";
import { readableOver, type ToReadableStreamOptions } from "./to-readable-stream.ts";
import { type ToWritableStreamOptions, writableOver } from "./to-writable-stream.ts";

/** Options of {@link pipeStream}. */
export interface PipeStreamOptions extends ToReadableStreamOptions, ToWritableStreamOptions {
  /** Aborting it fails both sides at once with `signal.reason`; the readable side delivers the accepted bytes first. */
  readonly signal?: AbortSignal | undefined;
}

/** The two sides of a pipe, as `pipeThrough()` takes them. */
export interface PipeStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Chunk>;
}

/**
 * A pipe as a pair of Web Streams: a drop-in for an identity `TransformStream` of bytes. It holds at most 512 bytes and the one
 * chunk in the hands of the writable side, its readable side is a byte stream, its first write needs no reader, and what
 * was accepted is delivered also when the writing side is aborted.
 *
 * With `byob: false` the readable side is a plain stream, which engines are faster at. A chunk goes to a consumer that waits without a
 * stay in the pipe, unless the pipe was made while `@pipe512/core/diagnostics` watches.
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
  // The pipe keeps the hand-off until no byte can come any more, and with it the source that it names, as it keeps a read that waits in the pipe. So
  // a read rejects when the writing side is lost, even if its promise is all that the caller kept.
  void reader.closed.then(() => handOff);
  return {
    readable: readableOver(reader, rest, handOff),
    writable: writableOver(writer, rest, handOff),
  };
}
