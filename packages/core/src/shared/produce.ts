import { peerSignal } from "../io/peer-signal.ts";
import { describe } from "../value.ts";
import { attachReader, attachWriter } from "./handles.ts";
import type { SharedHandle } from "./memory.ts";
import type { SharedReader } from "./reader.ts";
import type { SharedWriter } from "./writer.ts";

/** What {@link produce} and {@link consume} give besides the end. */
export interface ThreadContext {
  /** Aborts when the other side has failed or left, with what calls of this end fail with from then on. It does not abort at a clean end. */
  readonly signal: AbortSignal;
}

/**
 * Attaches the writer of `handle`, runs `fn` with it, and closes it: what `readerFrom` does, with the reader in another thread. On a side of `"many"` the
 * writer is detached instead, so that the others go on. If `fn` throws, the writer closes with the error, and the reader gets that.
 *
 * The promise settles with what `fn` returns or throws, once that has been told to the reader. Its rejection counts as handled, since the reader gets the
 * error, unless the pipe was over before.
 *
 * @example
 * ```ts
 * await produce(workerData, async (writer) => {
 *   for (let n = 0; n < 100; n++) await writeText(writer, `${n}\n`);
 * });
 * ```
 *
 * @throws {TypeError} If `handle` is not the handle of a writer, or was attached already and the pipe has one writer; or if `fn` is not a function.
 * @throws What `fn` throws.
 */
export function produce<T>(
  handle: SharedHandle<"writer">,
  fn: (writer: SharedWriter, context: ThreadContext) => T | PromiseLike<T>,
): Promise<T> {
  return runWith(() => attachWriter(handle), fn);
}

/**
 * Attaches the reader of `handle`, runs `fn` with it, and closes it: what `writerTo` does, with the writer in another thread. On a side of `"many"` the
 * reader is detached instead, so that the others go on. If `fn` throws, the reader closes with the error, and writes fail with that.
 *
 * The promise settles with what `fn` returns or throws, as that of {@link produce}.
 *
 * @throws {TypeError} If `handle` is not the handle of a reader, or was attached already and the pipe has one reader; or if `fn` is not a function.
 * @throws What `fn` throws.
 */
export function consume<T>(
  handle: SharedHandle<"reader">,
  fn: (reader: SharedReader, context: ThreadContext) => T | PromiseLike<T>,
): Promise<T> {
  return runWith(() => attachReader(handle), fn);
}

function runWith<E extends SharedReader | SharedWriter, T>(
  attach: () => E,
  fn: (end: E, context: ThreadContext) => T | PromiseLike<T>,
): Promise<T> {
  const result = new Promise<T>((resolve) => {
    if (typeof fn !== "function") throw new TypeError(`fn must be a function; got ${describe(fn)}`);
    const end = attach();
    const running = new Promise<T>((run) => {
      run(fn(end, { signal: peerSignal(end) }));
    });
    const told = running.then(
      () => end.leave(),
      (error: unknown) => {
        // The other side gets the error, so it is not lost where the caller does not look at the promise.
        if (end.isUsable) result.catch(() => {});
        end.closeWithError(error);
      },
    );
    resolve(told.then(() => running));
  });
  return result;
}
