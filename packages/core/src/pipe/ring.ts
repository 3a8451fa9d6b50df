/** The most bytes a pipe holds between its ends: as many as the pipe of xv6, the ancestor of this one. */
export const PIPE_CAPACITY = 512;

/**
 * What a ring starts with. Up to this size V8 keeps a typed array's memory on its own heap, which is several times cheaper,
 * and many a pipe never holds more.
 */
const FIRST_SIZE = 64;

/** Up to so many bytes are copied one by one. A view, which a longer copy needs, costs more, most of all the first one of a small array. */
const FEW = 24;

const NOTHING = new Uint8Array(0);

/**
 * At most 512 bytes, and what was put back, first in, first out. It knows bytes and no waiting.
 *
 * Both positions count on past the end of the array and are masked where it is touched, as in xv6: the ring is empty
 * where they are equal and full where they are 512 apart, and neither needs a flag.
 */
export class Ring {
  /** Nothing until the first byte, then 64 bytes, then 512. Replaced by {@link push}, and by {@link putBack} with a longer one for a while. */
  private array: Uint8Array = NOTHING;
  /** Where the next byte is put. Moved on by {@link push}; back to 0 with {@link read} when the ring is empty. */
  private written = 0;
  /** Where the oldest byte is. Moved on by {@link take} and {@link drop}, never past {@link written}. */
  private read = 0;
  /** A view of the front of the array, kept because the next read there is often as long as the last. Made by {@link take}. */
  private front: Uint8Array = NOTHING;

  /** Bytes in the ring, those lent included. */
  get length(): number {
    return this.written - this.read;
  }

  /** Bytes there is room for. */
  get free(): number {
    return PIPE_CAPACITY - (this.written - this.read);
  }

  /** Puts in what fits of `source[from, to)` and returns how many bytes that were. */
  push(source: Uint8Array, from: number, to: number): number {
    const count = Math.min(to - from, this.free);
    if (count <= 0) return 0; // What was put back may take more than all the room.
    if (this.length + count > this.array.length) this.grow(this.length + count);
    const array = this.array;
    const at = this.written & (array.length - 1);
    const piece = Math.min(count, array.length - at); // Up to the end of the array; the rest goes to its front.
    if (count <= FEW) {
      const mask = array.length - 1;
      for (let i = 0; i < count; i++) array[(at + i) & mask] = source[from + i] as number;
    } else if (piece === source.length) {
      array.set(source, at);
    } else {
      array.set(part(source, from, piece), at);
      if (piece < count) array.set(part(source, from + piece, count - piece), 0);
    }
    this.written += count;
    return count;
  }

  /** Takes up to `to - at` bytes out, into `target[at, to)`, and returns how many they were. */
  take(target: Uint8Array, at: number, to: number): number {
    const count = Math.min(to - at, this.length);
    if (count === 0) return 0;
    const array = this.array;
    const from = this.read & (array.length - 1);
    const piece = Math.min(count, array.length - from);
    if (count <= FEW) {
      const mask = array.length - 1;
      for (let i = 0; i < count; i++) target[at + i] = array[(from + i) & mask] as number;
    } else if (from === 0) {
      // An array that is read from its front: in full, or as often before.
      if (piece !== this.front.length) this.front = piece === array.length ? array : part(array, 0, piece);
      target.set(this.front, at);
    } else {
      target.set(part(array, from, piece), at);
      if (piece < count) target.set(part(array, 0, count - piece), at + piece);
    }
    this.drop(count);
    return count;
  }

  /** Puts bytes back behind the oldest `lent` ones. They may be more than there is room for; the array is as long as they need until the ring is empty. */
  putBack(bytes: Uint8Array, lent: number): void {
    const length = this.length + bytes.length;
    const array = new Uint8Array(2 ** Math.ceil(Math.log2(Math.max(length, PIPE_CAPACITY))));
    const held = new Uint8Array(this.length);
    this.take(held, 0, held.length);
    array.set(held.subarray(0, lent));
    array.set(bytes, lent);
    array.set(held.subarray(lent), lent + bytes.length);
    this.array = array;
    this.front = NOTHING;
    this.written = length;
  }

  /** A view of the oldest bytes, as many as lie in one piece. They stay in the ring until they are dropped. */
  view(): Uint8Array {
    const from = this.read & (this.array.length - 1);
    return part(this.array, from, Math.min(this.length, this.array.length - from));
  }

  /** Forgets the oldest `count` bytes. */
  drop(count: number): void {
    this.read += count;
    // An empty ring starts over at its front: what comes next lies in one piece, and mostly where the kept view is.
    if (this.read !== this.written) return;
    if (this.array.length > PIPE_CAPACITY) this.clear();
    this.read = this.written = 0;
  }

  /** Forgets everything, the array too. A view that was made of it stays as it is. */
  clear(): void {
    this.array = this.front = NOTHING;
    this.read = this.written = 0;
  }

  private grow(needed: number): void {
    const array = new Uint8Array(needed > FIRST_SIZE ? PIPE_CAPACITY : FIRST_SIZE);
    const length = this.length;
    if (length > 0) {
      const from = this.read & (this.array.length - 1);
      const piece = Math.min(length, this.array.length - from);
      array.set(part(this.array, from, piece), 0);
      array.set(part(this.array, 0, length - piece), piece);
    }
    this.array = array;
    this.front = NOTHING;
    this.read = 0;
    this.written = length;
  }
}

/**
 * A plain view of a part of `array`, whatever subclass it is of: `subarray` would run the constructor of a subclass.
 * It costs about 35 ns, so whole arrays are used as they are.
 */
export function part(array: Uint8Array, from: number, length: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset + from, length);
}
