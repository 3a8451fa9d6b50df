import type { LineBuffer } from "../io/line-buffer.ts";
import type { Reader } from "../types.ts";
import { type BlockingOptions, timeoutOf } from "./call.ts";
import { platform } from "./platform.ts";
import { TimeoutError } from "./timeout-error.ts";

/** The used members of a blocking reader. */
interface BlockingReader extends Pick<Reader, "close" | "closeWithError"> {
  readSync(into: Uint8Array, options: BlockingOptions): number | null;
}

/**
 * An iterator over the lines of a reader. Each step blocks until its line is complete. Leaving the loop closes the reader, and
 * so does every error except a `TimeoutError`: after that, the next step continues with the same line.
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
   * Blocks until the next line is complete, and returns it.
   *
   * @param options `timeoutMs` applies to this step only; the default is the `timeoutMs` of the iteration.
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
          `Cannot read a line within ${timeoutMs} ms: its end was not received. Call next() to wait longer`,
          {},
        );
      }
      this.#isDone = true;
      this.#reader.closeWithError(error); // So that the writer does not wait forever.
      throw error;
    }
  }

  /** Ends the iteration and closes the reader. */
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
