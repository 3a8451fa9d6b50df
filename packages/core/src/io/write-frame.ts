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
   * The most bytes the message may have, an integer of at least 1. Give {@link frames} the same.
   *
   * @default {1048576}
   */
  readonly maxBytes?: number | undefined;
  /** Counts the bytes that `writer` has accepted, the 4 in front included. */
  readonly progress?: Progress | undefined;
}

/**
 * Writes a message for {@link frames} to read: 4 bytes with its length, the highest byte first, and then the bytes, in one write. Calls may
 * overlap. Resolves with the number of bytes written, `bytes.length + 4`. The array is copied and may be reused at once.
 *
 * @throws {TypeError} If `writer` is not a `Writer`, `bytes` not a `Uint8Array`, or an option of the wrong type.
 * @throws {RangeError} If `maxBytes` is not an integer of at least 1, or the message has more bytes. Nothing is written.
 * @throws The error of the writer, the same object.
 * @throws `signal.reason` if the signal is, or becomes, aborted. If `progress.bytes` is not 0 then, a part of the frame is written: close
 * the writer with an error.
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
      `Cannot write a frame of ${length} bytes: it may have ${maxBytes}; raise maxBytes, or split it`,
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
