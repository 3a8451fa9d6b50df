import { NoProgressError } from "../errors.ts";
import { nextTurn } from "../pipe/later-turn.ts";
import { describe } from "../value.ts";

/** As many empty answers in a row are an error, as in Go's `bufio`. */
const MOST_EMPTY_ANSWERS = 100;

/**
 * Checks the counts that a foreign `Reader` or `Writer` answers with (PIPE-065). One object follows one end.
 */
export class ForeignCount {
  readonly #operation: "read" | "write";
  /** Answers of 0 bytes in a row, since the event loop last turned. Raised by {@link check}. */
  #empty = 0;
  /** Whether a later iteration of the event loop is to reset {@link #empty}. */
  #resets = false;

  constructor(operation: "read" | "write") {
    this.#operation = operation;
  }

  /**
   * Returns `count`.
   *
   * @param length How many bytes the call could have moved. For 0, an answer of 0 is progress.
   * @throws {TypeError} If `count` is not an integer from 0 to `length`.
   * @throws {NoProgressError} At the 100th answer of 0 in a row without the event loop turning.
   */
  check(count: unknown, length: number): number {
    if (!Number.isInteger(count) || (count as number) < 0 || (count as number) > length) {
      throw new TypeError(
        `Cannot go on after ${this.#operation}() of ${length} bytes answered ${describe(count)}: it must answer an integer from 0 to ${length}`,
      );
    }
    if ((count as number) > 0 || length === 0) this.#empty = 0;
    else this.#noteEmpty();
    return count as number;
  }

  #noteEmpty(): void {
    this.#empty += 1;
    if (this.#empty >= MOST_EMPTY_ANSWERS) {
      throw new NoProgressError(
        `Cannot ${this.#operation} on: ${this.#operation}() answered 0 bytes ${this.#empty} times in a row; it must wait until it has some`,
      );
    }
    if (this.#resets) return;
    this.#resets = true;
    nextTurn(() => {
      this.#resets = false;
      this.#empty = 0;
    });
  }
}
