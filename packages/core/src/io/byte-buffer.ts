import { DEFAULT_MAX_BYTES } from "../options.ts";

const NOTHING = new Uint8Array(0);

/**
 * Bytes that were read and are not consumed yet, and the one place that finds a delimiter in them, also where it lies across the border
 * of two reads. It knows no reader and no waiting.
 */
export class ByteBuffer {
  /** How many bytes of the item in hand are missing at least. A reader that must not be read too far is asked for no more. */
  needed = 1;
  /** Made by the first {@link room}, replaced by a longer one where an item needs it. */
  protected array: Uint8Array = NOTHING;
  /** Where the bytes begin and end in the array. */
  protected start = 0;
  protected end = 0;
  private readonly chunkSize: number;
  /** The delimiter of the last search, and up to where the bytes are known to hold none. Changed by {@link find}. */
  private sought: Uint8Array = NOTHING;
  private searched = 0;

  constructor(chunkSize: number = DEFAULT_MAX_BYTES) {
    this.chunkSize = chunkSize;
  }

  /** Bytes held. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Room for the next read: as much as makes `chunkSize` bytes with those that are held, or, where an item is longer than that, up
   * to `chunkSize` bytes. It is never empty, and each byte is moved for it a bounded number of times.
   */
  room(): Uint8Array {
    const { length } = this;
    const wanted = length < this.chunkSize ? this.chunkSize - length : this.chunkSize;
    if (this.array.length - this.end < wanted) {
      if (this.start > 0) this.moveTo(this.array, 0);
      if (this.end === this.array.length) this.moveTo(new Uint8Array(2 * length || this.chunkSize), 0);
    }
    return this.array.subarray(this.end, this.end + wanted);
  }

  /** Says that the first `count` bytes of a room are filled, the last one by default. */
  add(count: number, room?: Uint8Array): void {
    if (room !== undefined && room.buffer !== this.array.buffer) this.append(room.subarray(0, count));
    else this.end += count;
  }

  /** Puts bytes in front of those that are held. A read that fills a room meanwhile is added as ever. */
  unread(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > this.start) this.moveTo(new Uint8Array(this.length + length + this.chunkSize), length);
    this.start -= length;
    this.array.set(bytes, this.start);
    this.searched = 0;
  }

  /** A copy of the first `count` bytes, or of as many as there are. They stay. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.array.subarray(this.start, Math.min(this.start + count, this.end)));
  }

  /** Takes the first `count` bytes, as an array that the caller owns. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(count);
    this.skip(count);
    return bytes;
  }

  /** Copies as many bytes as there are, and as there is room for, into `into`, and returns how many they were. */
  takeInto(into: Uint8Array): number {
    const count = Math.min(this.length, into.length);
    into.set(this.array.subarray(this.start, this.start + count));
    this.skip(count);
    return count;
  }

  /** Drops the first `count` bytes. */
  skip(count: number): void {
    this.start += count;
  }

  /**
   * How many bytes are in front of the first `delimiter`, or -1 where there is none. Called again with the same array, it searches no byte
   * twice.
   */
  find(delimiter: Uint8Array): number {
    if (delimiter !== this.sought || this.searched < this.start) this.searched = this.start;
    this.sought = delimiter;
    const from = this.searched;
    const bytes = this.array.subarray(from, this.end);
    for (let at = bytes.indexOf(delimiter[0] as number); at !== -1; ) {
      this.searched = from + at;
      if (at + delimiter.length > bytes.length) return -1; // Its rest may come with the next read.
      const first = at;
      if (delimiter.every((byte, index) => bytes[first + index] === byte)) return from + at - this.start;
      at = bytes.indexOf(delimiter[0] as number, at + 1);
    }
    this.searched = this.end;
    return -1;
  }

  /** Moves what is held to `at` in `array`, which takes the place of the one there was. */
  private moveTo(array: Uint8Array, at: number): void {
    const { length } = this;
    if (array === this.array) array.copyWithin(at, this.start, this.end);
    else array.set(this.array.subarray(this.start, this.end), at);
    this.searched = Math.max(at, this.searched + at - this.start);
    this.array = array;
    this.start = at;
    this.end = at + length;
  }

  private append(bytes: Uint8Array): void {
    if (this.array.length - this.end < bytes.length) {
      this.moveTo(new Uint8Array(this.length + bytes.length + this.chunkSize), 0);
    }
    this.array.set(bytes, this.end);
    this.end += bytes.length;
  }
}
