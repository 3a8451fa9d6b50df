import { madeBy } from "../adapter/waits.ts";
import { signalOf } from "../options.ts";
import { type PipeOptions, pipe } from "../pipe/ends.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { property, writerAdvice } from "../requirement.ts";
import type { WaitOptions } from "../types.ts";
import { unlessAborted } from "./aborted.ts";
import { peerSignal } from "./peer-signal.ts";

/** What {@link writerTo} gives a consumer besides its reader. */
export interface ConsumerContext {
  /**
   * Aborts when the writer has failed, or the signal of the options has aborted, and all that was written before was read, with what reads
   * are rejected with from then on. It does not abort at a clean end.
   */
  readonly signal: AbortSignal;
}

/** What {@link writerTo} returns as `writer`: the writing end of a pipe whose consumer says when it has finished. */
export interface ConsumedWriter extends PipeWriter {
  /**
   * Closes the writer and resolves once the consumer has returned, or its promise has resolved (PIPE-016). Whoever awaits this need not await
   * `result`.
   *
   * @throws The error of the consumer, the same object.
   * @throws `signal.reason` if the signal is or becomes aborted. The writer stays closed.
   */
  finish(options?: WaitOptions): Promise<void>;
}

/** What {@link writerTo} returns. */
export interface WriterTo<T> {
  readonly writer: ConsumedWriter;
  /** Settles with what the consumer returns or throws. Await it, or `writer.finish()`: a rejection that nobody handles stays unhandled. */
  readonly result: Promise<T>;
}

/**
 * Runs `consume` at once with the reader of a new pipe, and returns the writer and, as `result`, what becomes of
 * `consume`: the mirror image of `readerFrom`.
 *
 * When `consume` returns, or the promise it returns resolves, the reader closes; when it throws, the reader closes
 * with the error. So no write waits for a consumer that is gone: it is rejected. Close the writer when all is written,
 * and await `result`, or await `writer.finish()`, which does both: only then was it consumed.
 *
 * @param options `signal` and `name` as for `pipe()`. If the signal has been aborted, `consume` is not called, and `result` rejects with the
 * reason.
 * @throws {TypeError} If `consume` is not a function, or an option is of the wrong type. `result` rejects with one if `consume` is a generator function.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((reader) => readText(reader));
 * await writeText(writer, "hello");
 * await writer.finish();
 * console.log(await result); // hello
 * ```
 */
export function writerTo<T>(
  consume: (reader: PipeReader, context: ConsumerContext) => T | PromiseLike<T>,
  options?: PipeOptions,
): WriterTo<T> {
  if (typeof consume !== "function") {
    throw new TypeError(`consume must be a function; got ${writerAdvice(consume)}`);
  }
  const { reader, writer } = madeBy(writerTo, () => pipe(options));
  const bornAborted = writer.ownFailure;
  const signal = peerSignal(reader, options?.signal);
  const result = new Promise<T>((resolve) => {
    if (bornAborted !== undefined) throw bornAborted.reason;
    resolve(consume(reader, { signal }));
  }).then(
    (value) => {
      if (isGenerator(value)) {
        const error = new TypeError(
          "consume must be a function; got a generator function, whose code would never run",
        );
        reader.closeWithError(error);
        throw error;
      }
      reader.close();
      return value;
    },
    (error: unknown) => {
      reader.closeWithError(error);
      throw error;
    },
  );
  return { writer: withFinish(writer, result), result };
}

/** In a function of its own, so that the writer holds the result and not the reader, whose loss is to be found. */
function withFinish(writer: PipeWriter, result: Promise<unknown>): ConsumedWriter {
  const finish = async (options?: WaitOptions): Promise<void> => {
    const signal = signalOf(options);
    writer.close();
    await unlessAborted(result, signal);
  };
  return Object.defineProperty(writer, "finish", { value: finish }) as ConsumedWriter;
}

function isGenerator(value: unknown): boolean {
  return /^(Async)?Generator$/.test(String(property(value, Symbol.toStringTag)));
}
