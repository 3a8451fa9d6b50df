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
   * Transfers ownership of each chunk: the caller must not touch its memory again. A consumer of owned chunks may get
   * the same array.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
  /**
   * Aborting it errors the stream at once with `signal.reason`; the reader gets the accepted bytes, then the same
   * error.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A Web `WritableStream` of bytes over the writing end of a pipe, or over any other `Writer`. It takes ownership of the
 * writer.
 *
 * A write resolves when the pipe has accepted its bytes; the chunk may be reused then. `ready` resolves when no chunk
 * is pending. At most the bytes in the pipe and one chunk are ahead of the reader. If writes do not wait for `ready`,
 * the stream queues them (WHATWG Streams, `WritableStreamDefaultWriterWrite`).
 *
 * `close()` ends the stream after the accepted bytes. If the writer has `finish()`, `close()` resolves once the sink
 * has finished. `abort(reason)` rejects a pending write at once, and the reader gets the accepted bytes, then `reason`
 * itself. Without a reason, it is the AbortError `DOMException` of an aborted signal (WHATWG DOM). When the reader
 * closes, the stream is errored with the error of a rejected write.
 *
 * A chunk is a `Uint8Array`, another view or an `ArrayBuffer`. Any other value errors the stream with a `TypeError`,
 * and the reader gets the same error.
 *
 * @throws {TypeError} If `writer` is not a `Writer`. The message names the function that converts it.
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

/** Like {@link toWritableStream}, for the writer of a `pipeStream()`, whose reader `readableOver` converts. */
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
