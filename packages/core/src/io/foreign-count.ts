import { NoProgressError } from "../errors.ts";
import { nextTurn } from "../pipe/later-turn.ts";
import { describe } from "../value.ts";

/** The number of results of 0 bytes in a row that is an error, as in Go's `bufio`. */
const MOST_EMPTY_ANSWERS = 100;

/** Checks the counts that a foreign `Reader` or `Writer` returns (PIPE-065). Each end has its own object. */
export class ForeignCount {
  readonly #operation: "read" | "write";
  /** Number of results of 0 bytes in a row, within one iteration of the event loop. */
  #empty = 0;
  /** Whether the next iteration of the event loop will reset {@link #empty}. */
  #resets = false;

  constructor(operation: "read" | "write") {
    this.#operation = operation;
  }

  /**
   * Returns `count`.
   *
   * @param length The number of bytes that the call could have moved. If it is 0, a count of 0 is progress.
   * @throws {TypeError} If `count` is not an integer from 0 to `length`.
   * @throws {NoProgressError} At the 100th count of 0 in a row within one iteration of the event loop.
   */
  check(count: unknown, length: number): number {
    if (!Number.isInteger(count) || (count as number) < 0 || (count as number) > length) {
      throw new TypeError(
        `Cannot continue after ${this.#operation}() of ${length} bytes returned ${describe(count)}: it must return an integer from 0 to ${length}`,
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
        `Cannot ${this.#operation}: ${this.#operation}() returned 0 bytes ${this.#empty} times in a row; it must wait until it can move a byte`,
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
