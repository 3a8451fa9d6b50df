import { signalOf } from "../options.ts";
import { type PipeOptions, pipe } from "../pipe/ends.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import type { WaitOptions } from "../types.ts";
import { describe } from "../value.ts";
import { unlessAborted } from "./aborted.ts";
import { PeerSignal } from "./peer-signal.ts";

/** What {@link writerTo} gives a consumer besides its reader. */
export interface ConsumerContext {
  /**
   * Aborts when the writer has failed and all that it wrote before was read, with what reads are rejected with from then
   * on, or when the signal given to {@link writerTo} aborts. It does not abort at a clean end.
   */
  readonly signal: AbortSignal;
}

/** The writer that {@link writerTo} returns. */
export interface ConsumedWriter extends PipeWriter {
  /**
   * Closes the writer and resolves once the consumer has returned. Rejects with what the consumer throws, or with `signal.reason` once aborted; the
   * close stands then. (PIPE-016)
   */
  finish(options?: WaitOptions): Promise<void>;
}

/** What {@link writerTo} returns. */
export interface WriterTo<T> {
  readonly writer: ConsumedWriter;
  /** Settles with what the consumer returns or throws. Await it, or `writer.finish()`: a rejection without a handler stays unhandled. */
  readonly result: Promise<T>;
}

/**
 * Runs `consume` at once with the reader of a new pipe, and returns the writer and, as `result`, the outcome of
 * `consume`: the mirror image of `readerFrom`.
 *
 * When `consume` returns, or the promise it returns resolves, the reader closes; when it throws, the reader closes
 * with the error. So no write waits for a consumer that has stopped: it is rejected. Close the writer when all is written,
 * and await `result`, or call `writer.finish()`, which does both.
 *
 * @param options `signal` acts as that of {@link pipe}, and aborts the consumer's signal. `name` is the pipe's.
 * @throws {TypeError} If `consume` is not a function, or an option is of the wrong type. `result` rejects with one if `consume` is a generator function,
 * whose code would never run.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((reader) => readText(reader));
 * await writeText(writer, "hello");
 * writer.close();
 * console.log(await result); // hello
 * ```
 */
export function writerTo<T>(
  consume: (reader: PipeReader, context: ConsumerContext) => T | PromiseLike<T>,
  options?: PipeOptions,
): WriterTo<T> {
  if (typeof consume !== "function")
    throw new TypeError(`consume must be a function; got ${describe(consume)}`);
  const outer = signalOf(options);
  const { reader, writer } = pipe(options);
  const result = run(consume, reader, new PeerSignal(reader, outer));
  const finish = async (finishing?: WaitOptions): Promise<void> => {
    const signal = signalOf(finishing);
    writer.close();
    await unlessAborted(result, signal);
  };
  return { writer: Object.assign(writer, { finish }), result };
}

async function run<T>(
  consume: (reader: PipeReader, context: ConsumerContext) => T | PromiseLike<T>,
  reader: PipeReader,
  peer: PeerSignal,
): Promise<T> {
  try {
    const value = await consume(reader, { signal: peer.signal });
    const { next, [Symbol.toStringTag]: tag } = Object(value) as Record<string | symbol, unknown>;
    if (typeof next === "function" && /^(Async)?Generator$/.test(String(tag))) {
      throw new TypeError("consume must be a function; got a generator function, whose code would never run");
    }
    reader.close();
    return value;
  } catch (error) {
    reader.closeWithError(error);
    throw error;
  } finally {
    peer.finish();
  }
}
