import { abortable } from "../signal.ts";
import { describe } from "../value.ts";
import { post } from "./observer.ts";
import { Pipe } from "./pipe.ts";
import { PipeReader } from "./reader.ts";
import { PipeWriter } from "./writer.ts";

/** Options of {@link pipe}. */
export interface PipeOptions {
  /** Aborting it calls `writer.closeWithError(signal.reason)`. It has no effect once the reader is closed. */
  readonly signal?: AbortSignal | undefined;
  /** The name of the pipe in error messages and in the reports of `@pipe512/core/diagnostics`. */
  readonly name?: string | undefined;
}

/** The two ends of a pipe. */
export interface PipeEnds {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;
}

/**
 * Makes a pipe: bytes written to `writer` are read from `reader`, in order, each byte once. The pipe holds at most 512
 * bytes; the faster side waits.
 *
 * The ends behave like those of Go's `io.Pipe`, with one difference. Go's pipe has no buffer, so its `Write` waits for the
 * reader. Here `write()` resolves once the pipe has accepted every byte; `writer.flush()` waits until they are read.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * void writer.write(new TextEncoder().encode("hello"));
 * writer.close();
 * console.log(await readText(reader)); // hello
 * ```
 *
 * @throws {TypeError} If `signal` is not an `AbortSignal`.
 * @throws {TypeError} If `name` is not a string.
 */
export function pipe(options?: PipeOptions): PipeEnds {
  const { signal, name } = options ?? {};
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`name must be a string; got ${describe(name)}`);
  }
  const shared = new Pipe(signal === undefined ? undefined : abortable(signal), name);
  const reader = new PipeReader(shared);
  const writer = new PipeWriter(shared);
  shared.join(reader, writer);
  post.observer?.opened(shared, pipe);
  return { reader, writer };
}
