import { madeBy } from "../adapter/waits.ts";
import { type PipeOptions, pipe } from "../pipe/ends.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { isBytes } from "../bytes.ts";
import { property, readerAdvice } from "../requirement.ts";
import type { Abortable } from "../signal.ts";
import { describe } from "../value.ts";
import { isEcho } from "./echo.ts";
import { isItemSource, writeItems } from "./producer-items.ts";
import { peerSignal } from "./peer-signal.ts";

/** What {@link readerFrom} gives a producer besides its writer. */
export interface ProducerContext {
  /**
   * Aborts when the reader closes, with what the writes are rejected with from then on, and when the signal of the options aborts, with its
   * reason. (A signal has no reason `undefined`: its reason is then an `AbortError`.)
   */
  readonly signal: AbortSignal;
}

/** What {@link readerFrom} returns: the reading end of a pipe, and the end of its producer. */
export interface ProducedReader extends PipeReader {
  /**
   * Resolves when the producer has finished, its `finally` blocks included. Rejects with the producer's error if the reader did not get
   * it: because the pipe was closed before. The errors that writes are rejected with after a close do not count, nor does an `AbortError`
   * of the producer's signal, nor an error whose `cause` is one of these. If nothing handles this promise, its rejection is unhandled only where
   * the producer was not told to stop: where it closed the writer itself and failed after that.
   */
  readonly done: Promise<void>;
}

/**
 * Runs `produce` at once with the writer of a new pipe, and returns the reader. It stands for Go's
 * `go func() { defer w.Close(); … }()`, and loses no error: when `produce` returns, or the promise it returns
 * resolves, the writer closes; when it throws, the writer closes with the error, and the reader gets that very error
 * after what was written before. A producer may close the writer itself; then that counts.
 *
 * `produce` may also be a generator function, async or not, or return another async iterable. Its items, bytes or strings (as UTF-8), are
 * written one after the other; each is pulled when the one before has been accepted.
 *
 * When the reader closes, writes are rejected, and `signal` aborts, so that a producer that waits for something else can stop too; a
 * generator gets `return()`. `reader.done` says when it has stopped.
 *
 * @param options `signal` and `name` as for `pipe()`. If the signal has been aborted, `produce` is not called.
 * @throws {TypeError} If `produce` is not a function, or an option is of the wrong type.
 *
 * @example
 * ```ts
 * const reader = readerFrom(async function* () {
 *   for (const row of rows) yield `${row.id},${row.name}\n`;
 * });
 * console.log(await readText(reader));
 * ```
 */
export function readerFrom(
  produce: (writer: PipeWriter, context: ProducerContext) => unknown,
  options?: PipeOptions,
): ProducedReader {
  if (typeof produce !== "function") {
    throw new TypeError(`produce must be a function; got ${readerAdvice(produce)}`);
  }
  const { reader, writer } = madeBy(readerFrom, () => pipe(options));
  const isBornAborted = writer.ownFailure !== undefined;
  const signal = peerSignal(writer, options?.signal);
  const ignore = (): void => void done.catch(() => {});
  const done = isBornAborted
    ? Promise.resolve()
    : finish(run(produce, writer, signal), writer, signal, ignore);
  return Object.defineProperty(reader, "done", { value: done }) as ProducedReader;
}

async function run(
  produce: (writer: PipeWriter, context: ProducerContext) => unknown,
  writer: PipeWriter,
  signal: AbortSignal,
): Promise<void> {
  const product = produce(writer, { signal });
  if (isItemSource(product)) return writeItems(writer, product, signal);
  const outcome = await product;
  // Without this the stream would end empty, and no error would say why.
  if (isItemSource(outcome) || typeof property(outcome, "closeWithError") === "function" || isData(outcome)) {
    throw new TypeError(
      `Cannot produce from ${typeof outcome === "string" ? "a string" : describe(outcome)} that produce returned: write it to the writer, or use a generator`,
    );
  }
}

/** Whether a value is what the producer was to write. */
function isData(value: unknown): boolean {
  return typeof value === "string" || isBytes(value) || (Array.isArray(value) && value.some(isData));
}

/**
 * Closes the writer when the producer has finished. Rejects with an error that the reader does not get.
 *
 * @param ignore Marks that rejection as handled.
 */
async function finish(
  running: Promise<void>,
  writer: PipeWriter,
  signal: AbortSignal,
  ignore: () => void,
): Promise<void> {
  try {
    await running;
    writer.close();
  } catch (error) {
    const isKnown = writer.isOpen || isEcho(error, writer, signal);
    writer.closeWithError(error);
    if (isKnown) return;
    // A producer that was told to stop may fail in any way because of that: a response is cut off, a file is closed. No program is to end for it.
    if (writer.isReaderClosed || (signal as AbortSignal & Abortable).aborted) ignore();
    throw error;
  }
}
