import type { Writer } from "@pipe512/core";
import { requireWriter } from "@pipe512/core/adapter";
import { Abort } from "./abort.ts";
import type { Chunk } from "./bytes.ts";
import type { HandOff } from "./hand-off.ts";
import { watchWriters } from "./locks.ts";
import { Sink } from "./sink.ts";

/** Options of {@link toWritableStream}. */
export interface ToWritableStreamOptions {
  /**
   * Transfers ownership of each chunk: the caller must not touch its memory again. A consumer that takes owned chunks may then get
   * the very array.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
  /** Aborting it errors the stream at once with `signal.reason`; the reader gets the accepted bytes, then the same. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A Web `WritableStream` of bytes over the writing end of a pipe, or over any other `Writer`, which it takes over.
 *
 * A write resolves when the pipe has accepted its bytes, and the chunk may be reused then; `ready` means that no chunk is in hand. Ahead of the
 * reader are at most what the pipe holds and one chunk, unless writes are issued without waiting for `ready`: those
 * the stream queues (WHATWG Streams, `WritableStreamDefaultWriterWrite`).
 *
 * `close()` ends the stream after the accepted bytes, and resolves once the sink behind a writer with `finish()` has finished. `abort(reason)` fails at once the write that waits, and the
 * reader gets the accepted bytes and then `reason` itself. Where there is none, it is the AbortError `DOMException` that WHATWG DOM
 * puts into an aborted signal. When the reader closes, the stream is errored with what writes reject with then.
 *
 * A chunk is a `Uint8Array`, another view or an `ArrayBuffer`. Any other value errors the stream with a `TypeError`, which the reader gets too.
 *
 * @throws {TypeError} If `writer` is not a `Writer`; the message names the function that makes one of it.
 * @throws {TypeError} If `signal` is not an `AbortSignal`.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * const text = readText(reader);
 * await new Blob(["hello"]).stream().pipeTo(toWritableStream(writer));
 * console.log(await text); // hello
 * ```
 */
export function toWritableStream(writer: Writer, options?: ToWritableStreamOptions): WritableStream<Chunk> {
  requireWriter(writer);
  return writableOver(writer, options);
}

/** As {@link toWritableStream} over one end of a pipe, of whose other end `readableOver` makes a stream. */
export function writableOver(
  writer: Writer,
  options: ToWritableStreamOptions = {},
  handOff?: HandOff,
): WritableStream<Chunk> {
  const { transfer, signal } = options;
  const abort = signal === undefined ? undefined : new Abort(signal);
  const stream = new WritableStream(new Sink(writer, transfer === true, handOff, abort));
  watchWriters(stream);
  return stream;
}
