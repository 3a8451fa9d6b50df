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

/** The second argument of the producer of {@link readerFrom}. */
export interface ProducerContext {
  /**
   * Aborts when the reader closes. Its reason is then the error that writes reject with. It also aborts when the `signal`
   * option aborts, with the same reason. If that error is `undefined`, the reason is an `AbortError`.
   */
  readonly signal: AbortSignal;
}

/** The reader that {@link readerFrom} returns: the reading end of a pipe, with a promise for the end of its producer. */
export interface ProducedReader extends PipeReader {
  /**
   * Resolves when the producer has finished, including its `finally` blocks. Rejects with the producer's error if the reader
   * did not get that error, because the pipe was already closed.
   *
   * Some errors do not count: those that writes reject with after a close, an `AbortError` of the producer's signal, and an
   * error whose `cause` is one of these. A rejection that you do not handle counts as unhandled only if the producer closed
   * the writer itself and failed afterwards.
   */
  readonly done: Promise<void>;
}

/**
 * Runs `produce` at once with the writer of a new pipe, and returns the reader. It corresponds to Go's
 * `go func() { defer w.Close(); … }()`, but also passes errors on. When `produce` returns, or its promise resolves, the
 * writer closes. When it throws, the writer closes with the error: the reader gets the accepted bytes, then its reads reject
 * with that error object. If the producer closes the writer itself, that close applies.
 *
 * `produce` may be a generator function or async generator function, or return another async iterable. Its items, bytes or
 * strings (as UTF-8), are written one after the other. Each is pulled once the previous one is accepted.
 *
 * When the reader closes, writes reject and `signal` aborts, so that a producer that waits for something else can stop. On a
 * generator, `return()` is called. `reader.done` settles once the producer has stopped.
 *
 * @param options `signal` and `name`, as for `pipe()`. If the signal is already aborted, `produce` is not called.
 * @throws {TypeError} If `produce` is not a function.
 * @throws {TypeError} If an option has the wrong type.
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
  const isAborted = writer.ownFailure !== undefined;
  const signal = peerSignal(writer, options?.signal);
  const ignore = (): void => void done.catch(() => {});
  const done = isAborted ? Promise.resolve() : finish(run(produce, writer, signal), writer, signal, ignore);
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
  // Without this check the stream would end empty, without an error.
  if (isItemSource(outcome) || typeof property(outcome, "closeWithError") === "function" || isData(outcome)) {
    throw new TypeError(
      `Cannot produce from ${typeof outcome === "string" ? "a string" : describe(outcome)} that produce returned: write it to the writer, or use a generator`,
    );
  }
}

/** Whether a returned value looks like data that the producer should have written. */
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
    // After a close or abort, a producer may fail because of it, in any way. Such an error must not end the program.
    if (writer.isReaderClosed || (signal as AbortSignal & Abortable).aborted) ignore();
    throw error;
  }
}
