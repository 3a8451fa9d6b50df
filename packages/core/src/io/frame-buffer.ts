import { UnexpectedEndError } from "../errors.ts";
import { ByteBuffer } from "./byte-buffer.ts";

/** Number of bytes of the length before each frame: an unsigned big-endian integer. */
export const LENGTH_BYTES = 4;

/** Splits bytes into frames. */
export class FrameBuffer extends ByteBuffer {
  override needed: number = LENGTH_BYTES;
  readonly #maxBytes: number;

  constructor(maxBytes: number, chunkSize: number) {
    super(chunkSize);
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next complete frame. Returns `undefined` if there is none.
   *
   * @throws {RangeError} If its length is more than `maxBytes`.
   */
  next(): Uint8Array<ArrayBuffer> | undefined {
    const length = LENGTH_BYTES + this.#frameLength();
    this.needed = Math.max(0, length - this.length);
    if (this.needed > 0) return undefined;
    this.needed = LENGTH_BYTES;
    this.skip(LENGTH_BYTES);
    return this.take(length - LENGTH_BYTES);
  }

  /**
   * Checks that no bytes are left at the end of the stream.
   *
   * @throws {UnexpectedEndError} If the stream has ended inside a frame.
   */
  last(): undefined {
    const { length } = this;
    if (length === 0) return;
    const what = length < LENGTH_BYTES ? "the length of a frame" : `a frame of ${this.#frameLength()} bytes`;
    const bytesRead = Math.max(0, length - LENGTH_BYTES);
    const where = length < LENGTH_BYTES ? `${length} of its ${LENGTH_BYTES} bytes` : `${bytesRead}`;
    throw new UnexpectedEndError(`Cannot read ${what}: the stream ended after ${where}`, { bytesRead });
  }

  /** The length of the next frame, or 0 while its length bytes are incomplete. */
  #frameLength(): number {
    if (this.length < LENGTH_BYTES) return 0;
    const { buffer, byteOffset } = this.array;
    const length = new DataView(buffer, byteOffset + this.start).getUint32(0);
    if (length <= this.#maxBytes) return length;
    throw new RangeError(
      `Cannot read a frame of ${length} bytes: the maximum is ${this.#maxBytes}; raise maxBytes, or check that the stream has frames`,
    );
  }
}
