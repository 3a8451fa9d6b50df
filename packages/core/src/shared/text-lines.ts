import type { LineBuffer } from "../io/line-buffer.ts";
import type { Reader } from "../types.ts";
import { type BlockingOptions, timeoutOf } from "./call.ts";
import { platform } from "./platform.ts";
import { TimeoutError } from "./timeout-error.ts";

/** What is used of a reader that blocks. */
interface BlockingReader extends Pick<Reader, "close" | "closeWithError"> {
  readSync(into: Uint8Array, options: BlockingOptions): number | null;
}

/**
 * The lines that come from a reader, which blocks where none is there. Leaving them closes the reader, and so does every error but a `TimeoutError`: after
 * that, the next step goes on with the same line.
 */
export class TextLines implements IterableIterator<string, undefined, BlockingOptions | undefined> {
  readonly #reader: BlockingReader;
  readonly #text: LineBuffer;
  readonly #timeoutMs: number;
  #isDone = false;

  /** @internal */
  constructor(reader: BlockingReader, text: LineBuffer, timeoutMs: number) {
    this.#reader = reader;
    this.#text = text;
    this.#timeoutMs = timeoutMs;
  }

  [Symbol.iterator](): this {
    return this;
  }

  /**
   * Blocks until the next line is there.
   *
   * @param options `timeoutMs` is for this step alone; by default it is that of all steps.
   */
  next(options?: BlockingOptions): IteratorResult<string, undefined> {
    const timeoutMs = options?.timeoutMs === undefined ? this.#timeoutMs : timeoutOf(options);
    if (this.#isDone) return { done: true, value: undefined };
    try {
      const value = this.#next(platform.performance.now() + timeoutMs);
      return value === undefined ? { done: true, value } : { done: false, value };
    } catch (error) {
      if (error instanceof TimeoutError) {
        throw new TimeoutError(
          `Cannot read a line within ${timeoutMs} ms: its end did not come. Call next() to wait on`,
          {},
        );
      }
      this.#isDone = true;
      this.#reader.closeWithError(error); // Without a reader the writer must not wait for ever.
      throw error;
    }
  }

  /** Leaves the lines and closes the reader. */
  return(): IteratorResult<string, undefined> {
    if (!this.#isDone) this.#reader.close();
    this.#isDone = true;
    return { done: true, value: undefined };
  }

  /** The next line, or `undefined` at the end. */
  #next(deadline: number): string | undefined {
    for (;;) {
      const line = this.#text.next();
      if (line !== undefined) return line;
      const timeoutMs = Math.max(0, deadline - platform.performance.now());
      const count = this.#reader.readSync(this.#text.room(), { timeoutMs });
      if (count === null) break;
      this.#text.add(count);
    }
    this.#isDone = true;
    return this.#text.last();
  }
}
