import { pipe } from "@pipe512/core";
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
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A pipe as a pair of Web Streams: a drop-in for an identity `TransformStream` of bytes. It holds at most 512 bytes and the one
 * chunk in the hands of the writable side, its readable side is a byte stream, its first write needs no reader, and what
 * was accepted is delivered also when the writing side is aborted.
 *
 * With `byob: false` the readable side is a plain stream, which engines are faster at. A chunk goes to a consumer that waits without a
 * stay in the pipe, unless the pipe was made while `@pipe512/core/diagnostics` watches.
 *
 * @throws {TypeError} If `signal` is no `AbortSignal`.
 * @throws {RangeError} If `chunkSize` is no integer of at least 1.
 *
 * @example
 * ```ts
 * const { readable, writable } = pipeStream();
 * void new Blob(["hello"]).stream().pipeTo(writable);
 * console.log(await new Response(readable).text()); // hello
 * ```
 */
export function pipeStream(options?: PipeStreamOptions): PipeStream {
  const { reader, writer } = pipe({ signal: options?.signal });
  const handOff = newHandOff();
  // The pipe keeps this until no byte can come any more, and with it who waits here, as it keeps who waits at the pipe itself: so
  // that a read is told when the writing side is lost, even if nobody holds anything but its promise.
  void reader.closed.then(() => handOff);
  return {
    readable: readableOver(reader, options, handOff),
    writable: writableOver(writer, options, handOff),
  };
}
