import { abortable } from "../signal.ts";
import { describe } from "../value.ts";
import { post } from "./observer.ts";
import { Pipe } from "./pipe.ts";
import { PipeReader } from "./reader.ts";
import { PipeWriter } from "./writer.ts";

/** Options of {@link pipe}. */
export interface PipeOptions {
  /** Aborting it acts as `writer.closeWithError(signal.reason)`. Where the reader closed first, it changes nothing. */
  readonly signal?: AbortSignal | undefined;
  /** What the pipe is called in the messages of its errors, and in reports of `@pipe512/core/diagnostics`. */
  readonly name?: string | undefined;
}

/** The two ends of a pipe. */
export interface PipeEnds {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;
}

/**
 * Makes a pipe: what is written to `writer` is read from `reader`, in order, each byte once. Between them lie at most
 * 512 bytes; whoever is faster waits.
 *
 * Go's `io.Pipe` is the model for what the ends do. It has no buffer; here a write is done once its bytes are accepted, and
 * `writer.flush()` waits until they are taken.
 *
 * @example
 * ```ts
 * const { reader, writer } = pipe();
 * void writer.write(new TextEncoder().encode("hello"));
 * writer.close();
 * console.log(await readText(reader)); // hello
 * ```
 *
 * @throws {TypeError} If an option is of the wrong type.
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
