import { ClosedPipeError } from "../errors.ts";
import { signalOf } from "../options.ts";
import { abortController } from "../platform.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { Reader, Writer } from "../types.ts";
import { unlessAborted } from "./aborted.ts";
import type { CopyOptions } from "./copy.ts";
import { Copying } from "./copying.ts";

/** Options of {@link pipeTo}, with the names and meanings of `ReadableStream.pipeTo()`. */
export interface PipeToOptions extends Pick<CopyOptions, "signal" | "progress" | "transfer"> {
  /**
   * Keeps the writer open when the reader has ended.
   *
   * @default {false}
   */
  readonly preventClose?: boolean | undefined;
  /**
   * Keeps the writer open when the reader has failed or the signal is aborted.
   *
   * @default {false}
   */
  readonly preventAbort?: boolean | undefined;
  /**
   * Keeps the reader open when the writer has failed or is closed, or the signal is aborted.
   *
   * @default {false}
   */
  readonly preventCancel?: boolean | undefined;
}

/**
 * Copies all bytes from `reader` to `writer`, then closes the writer, and resolves with the number of bytes. If the writer has
 * `finish()`, it waits until the sink has finished. It holds one chunk of at most 65,536 bytes at a time.
 *
 * If the reader fails, the writer is closed with its error, and the other way round. An abort closes both with
 * `signal.reason`. If the other side of the writer closes, the call rejects at once if the writer has `closed`, even while the
 * reader has no bytes. The options prevent each of these closes.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or `writer` is not a `Writer`. Both stay open.
 * @throws {TypeError} If an option has the wrong type. Both stay open.
 * @throws The error of either side, as the same object, also if the sink fails to finish.
 * @throws {ClosedPipeError} If the writer is closed.
 * @throws `signal.reason` if the signal is or becomes aborted.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((reader) => readText(reader));
 * console.log(await pipeTo(fromIterable(["one", "two"]), writer)); // 6
 * console.log(await result); // onetwo
 * ```
 */
export async function pipeTo(reader: Reader, writer: Writer, options?: PipeToOptions): Promise<number> {
  const { signal, progress, transfer, preventClose, preventAbort, preventCancel } = options ?? {};
  const copying = new Copying(reader, writer, { signal, progress, transfer });
  const watch = new SinkWatch(writer, signalOf(options));
  try {
    for (;;) {
      const chunk = await watch.unlessOver(copying.read(watch.signal), reader);
      if (chunk === null) break;
      await copying.write(chunk);
    }
    if (preventClose === true) return copying.total;
    if (writer.finish === undefined) writer.close();
    else await unlessAborted(writer.finish({ signal }), signalOf(options));
    return copying.total;
  } catch (thrown) {
    const error = thrown === SINK_CLOSED ? await closingError(writer) : thrown;
    if (preventAbort !== true) writer.closeWithError(error);
    if (preventCancel !== true) reader.closeWithError(error);
    throw error;
  } finally {
    watch.stop();
  }
}

const SINK_CLOSED: unique symbol = Symbol("the sink closed");

/** Aborts reading when the signal is aborted or the writer is closed. */
class SinkWatch implements AbortListener {
  readonly #aborter = abortController();
  readonly #signal: Abortable | undefined;

  constructor(writer: Writer, signal: Abortable | undefined) {
    this.#signal = signal;
    if (signal?.aborted) this.handleEvent();
    else if (signal !== undefined) listen(signal, this);
    void writer.closed?.then(() => this.#aborter.abort(SINK_CLOSED));
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Settles as `reading` does, or rejects at once when reading is aborted, even if the reader ignores signals. */
  async unlessOver(reading: Promise<Uint8Array | null>, reader: Reader): Promise<Uint8Array | null> {
    const signal = signalOf(this);
    try {
      return await unlessAborted(reading, signal);
    } catch (error) {
      // A read that ignores the signal may still deliver a chunk, which is put back.
      void reading.then(
        (chunk) => chunk !== null && reader.unread?.(chunk),
        () => {},
      );
      throw error;
    }
  }

  handleEvent(): void {
    this.#aborter.abort(this.#signal?.reason);
  }

  stop(): void {
    if (this.#signal !== undefined) unlisten(this.#signal, this);
  }
}

/** The error that a closed writer rejects a write with. */
async function closingError(writer: Writer): Promise<unknown> {
  try {
    await writer.write(new Uint8Array(0));
  } catch (error) {
    return error;
  }
  return new ClosedPipeError("Cannot write: the writer closed", { side: "writer", operation: "write" });
}
