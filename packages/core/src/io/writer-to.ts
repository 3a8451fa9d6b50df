import { madeBy } from "../adapter/waits.ts";
import { signalOf } from "../options.ts";
import { type PipeOptions, pipe } from "../pipe/ends.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { property, writerAdvice } from "../requirement.ts";
import type { WaitOptions } from "../types.ts";
import { unlessAborted } from "./aborted.ts";
import { peerSignal } from "./peer-signal.ts";

/** The second argument of the consumer of {@link writerTo}. */
export interface ConsumerContext {
  /**
   * Aborts when the writer has failed, or the `signal` option has aborted, once all accepted bytes are read. Its reason is the
   * error that reads then reject with. It does not abort when the writer closes without an error.
   */
  readonly signal: AbortSignal;
}

/** The `writer` that {@link writerTo} returns: the writing end of a pipe, with a method that waits for the consumer. */
export interface ConsumedWriter extends PipeWriter {
  /**
   * Closes the writer and resolves once the consumer has returned, or its promise has resolved (PIPE-016). After that, you
   * need not await `result`.
   *
   * @throws The error of the consumer, as the same object.
   * @throws `signal.reason` if the signal is or becomes aborted. The writer stays closed.
   */
  finish(options?: WaitOptions): Promise<void>;
}

/** The result of {@link writerTo}. */
export interface WriterTo<T> {
  readonly writer: ConsumedWriter;
  /** Settles with the outcome of the consumer. Await it or `writer.finish()`: otherwise its rejection is unhandled. */
  readonly result: Promise<T>;
}

/**
 * Runs `consume` at once with the reader of a new pipe. Returns the writer, and the outcome of `consume` as `result`. It is
 * the counterpart of `readerFrom`.
 *
 * When `consume` returns, or its promise resolves, the reader closes. When it throws, the reader closes with the error. Later
 * writes then reject instead of waiting forever. After the last write, await `writer.finish()`, or close the writer and await
 * `result`: only then are all bytes consumed.
 *
 * @param options `signal` and `name`, as for `pipe()`. If the signal is already aborted, `consume` is not called, and `result`
 * rejects with the reason.
 * @throws {TypeError} If `consume` is not a function. If it is a generator function, `result` rejects with a `TypeError`.
 * @throws {TypeError} If an option has the wrong type.
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
  const initialFailure = writer.ownFailure;
  const signal = peerSignal(reader, options?.signal);
  const result = new Promise<T>((resolve) => {
    if (initialFailure !== undefined) throw initialFailure.reason;
    resolve(consume(reader, { signal }));
  }).then(
    (value) => {
      if (isGenerator(value)) {
        const error = new TypeError(
          "consume must be an ordinary or async function; got a generator function, whose code would never run",
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

/** A separate function, so that its closure does not keep the reader alive, which must stay collectable. */
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
