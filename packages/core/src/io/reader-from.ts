import { pipe } from "../pipe/ends.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { peerSignal } from "./peer-signal.ts";

/** What {@link readerFrom} gives a producer besides its writer. */
export interface ProducerContext {
  /**
   * Aborts when the reader closes, with what the writes are rejected with from then on. (A signal has no reason
   * `undefined`: its reason is then an `AbortError`.)
   */
  readonly signal: AbortSignal;
}

/**
 * Runs `produce` at once with the writer of a new pipe, and returns the reader. It stands for Go's
 * `go func() { defer w.Close(); … }()`, and loses no error: when `produce` returns, or the promise it returns
 * resolves, the writer closes; when it throws, the writer closes with the error, and the reader gets that very error
 * after what was written before. A producer may close the writer itself; then that counts.
 *
 * When the reader closes, writes are rejected, and `signal` aborts, so that a producer that waits for something else
 * can stop too. What it throws after that reaches nobody.
 *
 * @example
 * ```ts
 * const reader = readerFrom(async (writer, { signal }) => {
 *   const response = await fetch(url, { signal });
 *   await writeText(writer, await response.text());
 * });
 * console.log(await readText(reader));
 * ```
 */
export function readerFrom(produce: (writer: PipeWriter, context: ProducerContext) => unknown): PipeReader {
  const { reader, writer } = pipe();
  const signal = peerSignal(writer);
  new Promise((resolve) => {
    resolve(produce(writer, { signal }));
  }).then(
    () => writer.close(),
    (error: unknown) => writer.closeWithError(error),
  );
  return reader;
}
