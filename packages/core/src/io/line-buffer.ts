import { DEFAULT_MAX_BYTES } from "../options.ts";
import { textDecoder } from "../platform.ts";

const LF = 0x0a;
const CR = 0x0d;

/** Bytes of a text in UTF-8 on their way to lines. It knows no reader and no waiting. */
export class LineBuffer {
  readonly #maxBytes: number;
  readonly #decoder = textDecoder("utf-8", { ignoreBOM: true });
  /** Replaced by one of twice the length where a line needs it. */
  #array = new Uint8Array(DEFAULT_MAX_BYTES);
  /** Where the line in hand begins, up to where it is known to have no LF, and where the bytes end: in this order. */
  #start = 0;
  #searched = 0;
  #end = 0;
  #isFirst = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Room for more bytes. It is never empty, and each byte is moved for it a bounded number of times. */
  room(): Uint8Array {
    if (this.#start > 0) {
      this.#array.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#searched -= this.#start;
      this.#start = 0;
    }
    if (this.#end === this.#array.length) {
      const longer = new Uint8Array(2 * this.#end);
      longer.set(this.#array);
      this.#array = longer;
    }
    return this.#array.subarray(this.#end);
  }

  /** Says that the first `count` bytes of the room are filled. */
  add(count: number): void {
    this.#end += count;
  }

  /**
   * Takes the next line that has its terminator, or `undefined` if there is none.
   *
   * @throws {RangeError} If the line in hand is too long already.
   */
  next(): string | undefined {
    const found = this.#array.subarray(this.#searched, this.#end).indexOf(LF);
    if (found === -1) {
      this.#searched = this.#end;
      // A CR at the end may be half of a terminator, which does not count.
      this.#require(this.#lastIs(CR, this.#end) ? this.#end - 1 : this.#end);
      return undefined;
    }
    const lf = this.#searched + found;
    const line = this.#decode(this.#lastIs(CR, lf) ? lf - 1 : lf);
    this.#start = this.#searched = lf + 1;
    return line;
  }

  /**
   * Takes the last line, which has no terminator, or `undefined` if there is none.
   *
   * @throws {RangeError} If it is too long.
   */
  last(): string | undefined {
    return this.#start === this.#end ? undefined : this.#decode(this.#end);
  }

  #lastIs(byte: number, end: number): boolean {
    return end > this.#start && this.#array[end - 1] === byte;
  }

  #decode(end: number): string {
    this.#require(end);
    const line = this.#decoder.decode(this.#array.subarray(this.#start, end));
    const isMarked = this.#isFirst && line.startsWith("\ufeff");
    this.#isFirst = false;
    return isMarked ? line.slice(1) : line;
  }

  #require(end: number): void {
    if (end - this.#start <= this.#maxBytes) return;
    throw new RangeError(`Cannot read a line of more than ${this.#maxBytes} bytes: raise maxBytes`);
  }
}
