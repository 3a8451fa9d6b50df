import { requireBytes } from "../bytes.ts";
import { maxBytesOf, progressOf, signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireWriter } from "../requirement.ts";
import type { Progress, WaitOptions, Writer } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { LENGTH_BYTES } from "./frame-buffer.ts";
import { DEFAULT_ITEM_BYTES } from "./line-buffer.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link writeFrame}. */
export interface WriteFrameOptions extends WaitOptions {
  /**
   * The maximum length of the message in bytes: an integer of at least 1, or `Infinity`. Pass the same value to
   * {@link frames}. A frame has at most 4,294,967,295 bytes in any case.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
  /** Its `bytes` is the number of bytes that `writer` has accepted, including the 4 bytes of the length. */
  readonly progress?: Progress | undefined;
}

/**
 * Writes a message that {@link frames} can read: its length as an unsigned 32-bit big-endian integer, then its bytes, in one
 * write. Resolves with the number of bytes written, `bytes.length + 4`. Calls may overlap. The array is copied and may be
 * reused at once.
 *
 * @throws {TypeError} If `writer` is not a `Writer`, or `bytes` is not a `Uint8Array`.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
 * @throws {RangeError} If the message has more than `maxBytes` bytes. No byte is written.
 * @throws The error of the writer, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. If `progress.bytes` is then not 0, a part of the frame is
 * written, and the writer should be closed with an error.
 *
 * @example
 * ```ts
 * const { writer, result } = writerTo((reader) => readAll(reader));
 * await writeFrame(writer, Uint8Array.of(1, 2, 3));
 * writer.close();
 * console.log((await result).join()); // 0,0,0,3,1,2,3
 * ```
 */
export async function writeFrame(
  writer: Writer,
  bytes: Uint8Array,
  options?: WriteFrameOptions,
): Promise<number> {
  requireWriter(writer);
  const { length } = requireBytes(bytes, "write");
  const maxBytes = Math.min(maxBytesOf(options, DEFAULT_ITEM_BYTES), 2 ** 32 - 1);
  if (length > maxBytes) {
    throw new RangeError(
      `Cannot write a frame of ${length} bytes: the maximum is ${maxBytes}; raise maxBytes, or split the message`,
    );
  }
  signalOf(options);
  const progress = progressOf(options);
  throwIfAborted(options?.signal);
  const frame = new Uint8Array(LENGTH_BYTES + length);
  new DataView(frame.buffer).setUint32(0, length);
  frame.set(bytes, LENGTH_BYTES);
  const written = await writeWhole(writer, frame, { signal: options?.signal, progress, transfer: true });
  const turn = fairTurn(written);
  if (turn !== undefined) await turn;
  return written;
}
