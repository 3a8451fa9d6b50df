import { peerSignal } from "../io/peer-signal.ts";
import { describe } from "../value.ts";
import { attachReader, attachWriter } from "./handles.ts";
import type { SharedHandle } from "./memory.ts";
import type { SharedReader } from "./reader.ts";
import type { SharedWriter } from "./writer.ts";

/** The second argument of the function that {@link produce} or {@link consume} runs. */
export interface ThreadContext {
  /**
   * Aborts when the other side fails or closes early. Its reason is the error that calls of this end reject with from then
   * on. It does not abort when the writer closes without an error.
   */
  readonly signal: AbortSignal;
}

/**
 * Attaches the writer of `handle`, runs `fn` with it, and closes it. It corresponds to `readerFrom`, with the reader in
 * another thread. On a side of `"many"` the writer is detached instead, so that the other writers can go on. If `fn` throws,
 * the writer closes with the error, which the reader's reads then reject with.
 *
 * The promise settles with the outcome of `fn`, after the writer is closed or detached. If it rejects while the pipe is
 * still open, the rejection counts as handled, because the reader gets the error.
 *
 * @example
 * ```ts
 * await produce(workerData, async (writer) => {
 *   for (let n = 0; n < 100; n++) await writeText(writer, `${n}\n`);
 * });
 * ```
 *
 * @throws {TypeError} If `handle` is not the `writerHandle` of a pipe.
 * @throws {TypeError} If it is already attached, and the pipe was made without `writers: "many"`.
 * @throws {TypeError} If `fn` is not a function.
 * @throws The error that `fn` throws.
 */
export function produce<T>(
  handle: SharedHandle<"writer">,
  fn: (writer: SharedWriter, context: ThreadContext) => T | PromiseLike<T>,
): Promise<T> {
  return runWith(() => attachWriter(handle), fn);
}

/**
 * Attaches the reader of `handle`, runs `fn` with it, and closes it. It corresponds to `writerTo`, with the writer in
 * another thread. On a side of `"many"` the reader is detached instead, so that the other readers can go on. If `fn` throws,
 * the reader closes with the error, which writes then reject with.
 *
 * The promise settles with the outcome of `fn`, as that of {@link produce}.
 *
 * @throws {TypeError} If `handle` is not the `readerHandle` of a pipe.
 * @throws {TypeError} If it is already attached, and the pipe was made without `readers: "many"`.
 * @throws {TypeError} If `fn` is not a function.
 * @throws The error that `fn` throws.
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
        // The other side gets the error, so it is reported even if the caller ignores the promise.
        if (end.isUsable) result.catch(() => {});
        end.closeWithError(error);
      },
    );
    resolve(told.then(() => running));
  });
  return result;
}
