import { pipe } from "../pipe/ends.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { peerSignal } from "./peer-signal.ts";

/** What {@link writerTo} gives a consumer besides its reader. */
export interface ConsumerContext {
  /**
   * Aborts when the writer has failed and all that it wrote before was read, with what reads are rejected with from then
   * on. It does not abort at a clean end.
   */
  readonly signal: AbortSignal;
}

/** What {@link writerTo} returns. */
export interface WriterTo<T> {
  readonly writer: PipeWriter;
  /** Settles with what the consumer returns or throws. Await it: a rejection that nobody handles stays unhandled. */
  readonly result: Promise<T>;
}

/**
 * Runs `consume` at once with the reader of a new pipe, and returns the writer and, as `result`, what becomes of
 * `consume`: the mirror image of `readerFrom`.
 *
 * When `consume` returns, or the promise it returns resolves, the reader closes; when it throws, the reader closes
 * with the error. So no write waits for a consumer that is gone: it is rejected. Close the writer when all is written,
 * and await `result`: only then was it consumed.
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
): WriterTo<T> {
  const { reader, writer } = pipe();
  const signal = peerSignal(reader);
  const result = new Promise<T>((resolve) => {
    resolve(consume(reader, { signal }));
  }).then(
    (value) => {
      reader.close();
      return value;
    },
    (error: unknown) => {
      reader.closeWithError(error);
      throw error;
    },
  );
  return { writer, result };
}
