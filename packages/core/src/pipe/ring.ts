/** Capacity of a pipe in bytes: 512, as in the operating system xv6, on whose pipe this one is modelled. */
export const PIPE_CAPACITY = 512;

/**
 * The first size of a ring, in bytes. Many pipes never hold more. V8 stores the memory of typed arrays up to this size on
 * its own heap, which is several times cheaper.
 */
const FIRST_SIZE = 64;

/** Up to this number, bytes are copied one by one, which is cheaper than creating the view that a block copy needs. */
const FEW = 24;

const NOTHING = new Uint8Array(0);

/**
 * A ring buffer of at most 512 bytes, plus bytes that were put back. It does no waiting.
 *
 * Both positions keep counting past the end of the array and are masked on access, as in xv6. The ring is empty if they
 * are equal, and full if they are 512 apart, so no flag is needed.
 */
export class Ring {
  /** Empty until the first byte, then 64 bytes, then 512. {@link putBack} may replace it by a longer one until the ring is empty. */
  private array: Uint8Array = NOTHING;
  /** Position of the next byte to be put in. Reset to 0 when the ring is empty. */
  private written = 0;
  /** Position of the oldest byte, never past {@link written}. Reset to 0 when the ring is empty. */
  private read = 0;
  /** A view of the front of the array, cached by {@link take} because successive reads often have the same length. */
  private front: Uint8Array = NOTHING;

  /** Number of bytes in the ring, including lent ones. */
  get length(): number {
    return this.written - this.read;
  }

  /** Number of bytes that fit in. Negative if more bytes were put back. */
  get free(): number {
    return PIPE_CAPACITY - (this.written - this.read);
  }

  /** Puts in as many bytes of `source[from, to)` as fit, and returns their number. */
  push(source: Uint8Array, from: number, to: number): number {
    const count = Math.min(to - from, this.free);
    if (count <= 0) return 0; // `free` may be negative after putBack().
    if (this.length + count > this.array.length) this.grow(this.length + count);
    const array = this.array;
    const at = this.written & (array.length - 1);
    const piece = Math.min(count, array.length - at); // The part before the end of the array. The rest goes to its front.
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

  /** Moves up to `to - at` bytes into `target[at, to)`, and returns their number. */
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
      if (piece !== this.front.length) this.front = piece === array.length ? array : part(array, 0, piece);
      target.set(this.front, at);
    } else {
      target.set(part(array, from, piece), at);
      if (piece < count) target.set(part(array, 0, count - piece), at + piece);
    }
    this.drop(count);
    return count;
  }

  /** Puts bytes back behind the oldest `lent` ones. If they exceed the room, the array stays longer until the ring is empty. */
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

  /** Returns a view of the oldest bytes, up to the end of the array. They stay in the ring until they are dropped. */
  view(): Uint8Array {
    const from = this.read & (this.array.length - 1);
    return part(this.array, from, Math.min(this.length, this.array.length - from));
  }

  /** Removes the oldest `count` bytes. */
  drop(count: number): void {
    this.read += count;
    // An empty ring restarts at the front of its array, so that the next bytes are contiguous and `front` can be reused.
    if (this.read !== this.written) return;
    if (this.array.length > PIPE_CAPACITY) this.clear();
    this.read = this.written = 0;
  }

  /** Removes all bytes and releases the array. A view of it stays valid. */
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
 * Returns a plain `Uint8Array` view of a part of `array`. `subarray` would run the constructor of a subclass. A view costs
 * about 35 ns, so callers use whole arrays directly.
 */
export function part(array: Uint8Array, from: number, length: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset + from, length);
}
