import { DEFAULT_MAX_BYTES } from "../options.ts";

const NOTHING = new Uint8Array(0);

/**
 * A buffer of bytes that were read and are not consumed yet. It also finds delimiters, including one that spans two reads. It
 * does no reading or waiting itself.
 */
export class ByteBuffer {
  /** Minimum number of bytes that the current item still needs. A reader without `unread()` is read no further. */
  needed = 1;
  /** Created by the first {@link room}. Replaced by a longer one if an item needs it. */
  protected array: Uint8Array = NOTHING;
  /** Where the bytes begin and end in the array. */
  protected start = 0;
  protected end = 0;
  private readonly chunkSize: number;
  /** The delimiter of the last {@link find}. */
  private sought: Uint8Array = NOTHING;
  /** The position before which no occurrence of {@link sought} begins. */
  private searched = 0;

  constructor(chunkSize: number = DEFAULT_MAX_BYTES) {
    this.chunkSize = chunkSize;
  }

  /** Number of bytes in the buffer. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Returns an array for the next read. Its length fills the buffer up to `chunkSize` bytes, or is `chunkSize` if the buffer
   * already holds that many. It is never empty, and each byte is moved for it a bounded number of times.
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

  /** Adds the first `count` bytes of `room`, which is by default the array that {@link room} returned last. */
  add(count: number, room?: Uint8Array): void {
    if (room !== undefined && room.buffer !== this.array.buffer) this.append(room.subarray(0, count));
    else this.end += count;
  }

  /** Puts bytes in front of the others. A pending read can still be added afterwards. */
  unread(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > this.start) this.moveTo(new Uint8Array(this.length + length + this.chunkSize), length);
    this.start -= length;
    this.array.set(bytes, this.start);
    this.searched = 0;
  }

  /** Returns a copy of the first `count` bytes, or of all if there are fewer. They stay in the buffer. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.array.subarray(this.start, Math.min(this.start + count, this.end)));
  }

  /** Takes the first `count` bytes, as an array that the caller owns. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(count);
    this.skip(count);
    return bytes;
  }

  /** Moves as many bytes as fit into `into`, and returns their number. */
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
   * Returns the number of bytes before the first `delimiter`, or -1 if there is none. Called again with the same array, it
   * searches no byte twice.
   */
  find(delimiter: Uint8Array): number {
    if (delimiter !== this.sought || this.searched < this.start) this.searched = this.start;
    this.sought = delimiter;
    const from = this.searched;
    const bytes = this.array.subarray(from, this.end);
    for (let at = bytes.indexOf(delimiter[0] as number); at !== -1; ) {
      this.searched = from + at;
      if (at + delimiter.length > bytes.length) return -1; // The next read may deliver the rest of it.
      const first = at;
      if (delimiter.every((byte, index) => bytes[first + index] === byte)) return from + at - this.start;
      at = bytes.indexOf(delimiter[0] as number, at + 1);
    }
    this.searched = this.end;
    return -1;
  }

  /** Moves the bytes to position `at` in `array`, which replaces the current array. */
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
