import { DEFAULT_MAX_BYTES } from "../options.ts";
import { textDecoder } from "../platform.ts";
import { ByteBuffer } from "./byte-buffer.ts";

/** The default maximum length of a line, record or frame, in bytes. */
export const DEFAULT_ITEM_BYTES = 1_048_576;

const LF = Uint8Array.of(0x0a);
const CR = 0x0d;
const BOM = "\ufeff";

/**
 * The most bytes of lines that are decoded together. A substring may keep the whole decoded text alive, so this limits the
 * memory that a stored line keeps alive. Twice the limit would save only a twentieth of the time.
 */
const TOGETHER = 2048;

/** Splits the bytes of a UTF-8 text into lines. */
export class LineBuffer extends ByteBuffer {
  /** The maximum length of a line in bytes. May be changed before each {@link next}. */
  maxBytes: number;
  private readonly decoder = textDecoder("utf-8", { ignoreBOM: true });
  /** Decoded lines, with their terminators. */
  private text = "";
  /** Where the next line begins in {@link text}. */
  private at = 0;
  /** Whether each character of {@link text} is one byte. */
  private isSingle = true;
  /** Number of characters of consecutive texts whose lines were all taken. It limits how many bytes are decoded together. */
  private inRow = 0;
  private isFirst = true;

  constructor(maxBytes: number, chunkSize: number = DEFAULT_MAX_BYTES) {
    super(chunkSize);
    this.maxBytes = maxBytes;
  }

  /**
   * Takes the next complete line. Returns `undefined` if there is none.
   *
   * @throws {RangeError} If the line is longer than `maxBytes`. It is not removed.
   */
  next(): string | undefined {
    if (this.at === this.text.length && !this.decode()) return this.requireShort();
    const { text, at } = this;
    const lf = text.indexOf("\n", at);
    const length = this.isSingle ? lf - at : this.array.indexOf(LF[0] as number, this.start) - this.start;
    const cr = lf > at && text.charCodeAt(lf - 1) === CR ? 1 : 0;
    this.require(length - cr);
    this.at = lf + 1;
    this.start += length + 1;
    this.isFirst = false;
    return text.slice(at, lf - cr);
  }

  /**
   * Takes the last line, which has no terminator. Returns `undefined` if there is none.
   *
   * @throws {RangeError} If it is longer than `maxBytes`. It is not removed.
   */
  last(): string | undefined {
    const { length } = this;
    if (length === 0) return undefined;
    this.require(length);
    const line = this.decoder.decode(this.peek(length));
    const at = this.isFirst && line.startsWith(BOM) ? 1 : 0;
    this.skip(length);
    return line.slice(at);
  }

  override skip(count: number): void {
    super.skip(count);
    this.isFirst &&= count === 0;
    this.forget();
  }

  override unread(bytes: Uint8Array): void {
    super.unread(bytes);
    this.forget();
  }

  private forget(): void {
    this.text = "";
    this.at = this.inRow = 0;
  }

  /** Decodes the next lines: at most twice as many bytes as were taken in a row. Returns whether there is a line. */
  private decode(): boolean {
    this.inRow += this.text.length;
    this.text = "";
    this.at = 0;
    let end = Math.min(this.end, this.start + Math.min(2 * this.inRow, TOGETHER));
    while (end > this.start && this.array[end - 1] !== LF[0]) end -= 1;
    if (end <= this.start) {
      const length = this.find(LF);
      if (length === -1) return false;
      end = this.start + length + 1;
    }
    this.text = this.decoder.decode(this.array.subarray(this.start, end));
    this.isSingle = this.text.length === end - this.start; // A code unit takes at least one byte in UTF-8.
    this.at = this.isFirst && this.text.startsWith(BOM) ? 1 : 0;
    return true;
  }

  /** Reports that there is no complete line. Throws if the incomplete line is already too long. */
  private requireShort(): undefined {
    // A CR at the end may be half of a terminator, which is not part of the line.
    const half = this.length > 0 && this.array[this.end - 1] === CR ? 1 : 0;
    this.require(this.length - half);
  }

  private require(length: number): void {
    if (length <= this.maxBytes) return;
    throw new RangeError(`Cannot read a line of more than ${this.maxBytes} bytes: raise maxBytes`);
  }
}
