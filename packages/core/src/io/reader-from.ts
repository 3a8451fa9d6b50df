import { signalOf } from "../options.ts";
import { type PipeOptions, pipe } from "../pipe/ends.ts";
import type { Failure } from "../pipe/operation.ts";
import type { PipeReader } from "../pipe/reader.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { describe } from "../value.ts";
import { PeerSignal } from "./peer-signal.ts";
import { writeResult } from "./production.ts";

/** What {@link readerFrom} gives a producer besides its writer. */
export interface ProducerContext {
  /**
   * Aborts when the reader closes, with what the writes are rejected with from then on, or when the signal given to {@link readerFrom} aborts.
   * (A signal has no reason `undefined`: its reason is then an `AbortError`.)
   */
  readonly signal: AbortSignal;
}

/** What {@link readerFrom} returns. */
export interface ProducedReader extends PipeReader {
  /**
   * Settles when the producer has finished, its `finally` blocks included. It rejects with the producer's error where the reader had closed before
   * and could not get it; errors that the close itself caused are not meant.
   */
  readonly done: Promise<void>;
}

/** A callback that writes, or a generator function that yields what is to be written. */
export type Producer = (writer: PipeWriter, context: ProducerContext) => unknown;

/**
 * Runs `produce` at once with the writer of a new pipe, and returns the reader. It stands for Go's
 * `go func() { defer w.Close(); … }()`, and loses no error: when `produce` returns, or the promise it returns
 * resolves, the writer closes; when it throws, the writer closes with the error, and the reader gets that very error
 * after what was written before. A producer may close the writer itself; then that counts.
 *
 * `produce` may be a generator function, also an async one. What it yields is written, bytes or strings, and it is resumed when that was accepted.
 *
 * When the reader closes, writes are rejected, `signal` aborts, and a generator is left with `return()`, so that a producer that waits for something
 * else can stop too. `done` says when it has stopped.
 *
 * @param options `signal` acts as that of {@link pipe}, and aborts the producer's signal; where it is aborted already, `produce` is not called.
 * `name` is the pipe's.
 * @throws {TypeError} If `produce` is not a function, or an option is of the wrong type.
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
export function readerFrom(produce: Producer, options?: PipeOptions): ProducedReader {
  if (typeof produce !== "function") {
    throw new TypeError(`produce must be a function or a generator function; got ${describe(produce)}`);
  }
  const outer = signalOf(options);
  const { reader, writer } = pipe(options);
  const done = outer?.aborted ? Promise.resolve() : run(produce, writer, new PeerSignal(writer, outer));
  return Object.assign(reader, { done });
}

async function run(produce: Producer, writer: PipeWriter, peer: PeerSignal): Promise<void> {
  const { signal } = peer;
  try {
    await writeResult(await produce(writer, { signal }), writer, signal);
    writer.close();
  } catch (error) {
    const failure = writer.peerFailure;
    writer.closeWithError(error);
    if (failure !== undefined && !isCausedBy(error, failure, signal)) throw error;
  } finally {
    peer.finish();
  }
}

/** Whether `error` only says that the reader has closed: it is what the writes were rejected with, or made of that. */
function isCausedBy(error: unknown, failure: Failure, signal: AbortSignal): boolean {
  const { reason } = signal as { readonly reason?: unknown };
  for (let at = error, depth = 0; depth < 10; depth += 1) {
    const { code, side, name, cause } = Object(at) as Record<string, unknown>;
    if (at === failure.reason || at === reason || name === "AbortError") return true;
    if ((code === "ERR_CLOSED_PIPE" || code === "ERR_ABANDONED_PIPE") && side === "reader") return true;
    if (cause === undefined) return false;
    at = cause;
  }
  return false;
}
