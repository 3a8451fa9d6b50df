import { maxBytesOf, signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { Reader, WaitOptions } from "../types.ts";
import { throwIfAborted } from "./aborted.ts";
import { ForeignCount } from "./foreign-count.ts";

/** Options of {@link readAll}. */
export interface ReadAllOptions extends WaitOptions {
  /**
   * The maximum length of the stream in bytes: an integer of at least 1, or `Infinity`.
   *
   * @default {Infinity}
   */
  readonly maxBytes?: number | undefined;
}

/** The length of the first array in bytes, as in Go. */
const FIRST_BYTES = 512;

/**
 * Reads to the end and resolves with all bytes, in a new array. It corresponds to Go's `io.ReadAll`.
 *
 * If the stream fails or the call is aborted, the bytes read so far are lost. To keep them, use `read` or `copy`.
 *
 * @throws {TypeError} If `reader` is not a `Reader`. The message names the function that converts it.
 * @throws {TypeError} If an option has the wrong type.
 * @throws {RangeError} If `maxBytes` is neither an integer of at least 1 nor `Infinity`.
 * @throws {RangeError} If the stream has more than `maxBytes` bytes. The reader is closed with this error, so that its writer
 * does not wait forever.
 * @throws {NoProgressError} If a foreign reader returns 0 bytes 100 times in a row within one iteration of the event loop.
 * @throws The error of the reader, as the same object.
 * @throws `signal.reason` if the signal is or becomes aborted. The reader stays open.
 *
 * @example
 * ```ts
 * const reader = fromIterable([Uint8Array.of(1, 2), Uint8Array.of(3)]);
 * await readAll(reader, { maxBytes: 1_048_576 }); // Uint8Array [1, 2, 3]
 * ```
 */
export async function readAll(reader: Reader, options?: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>> {
  requireReader(reader);
  signalOf(options);
  const signal = options?.signal;
  const maxBytes = maxBytesOf(options, Number.POSITIVE_INFINITY);
  const counts = new ForeignCount("read");
  const blocks: Uint8Array[] = [];
  let total = 0;
  let block = new Uint8Array(FIRST_BYTES);
  let filled = 0;
  for (;;) {
    throwIfAborted(signal);
    const read = await reader.read(block.subarray(filled), { signal });
    if (read === null) break;
    const count = counts.check(read, block.length - filled);
    filled += count;
    total += count;
    if (total > maxBytes) {
      const error = new RangeError(
        `Cannot read all: the stream has more than ${maxBytes} bytes; raise maxBytes`,
      );
      reader.closeWithError(error);
      throw error;
    }
    if (filled === block.length) {
      // Each block is as long as all previous ones together. So there are few reads, and each byte is copied only once more.
      blocks.push(block);
      block = new Uint8Array(total);
      filled = 0;
    }
    const turn = fairTurn(count);
    if (turn !== undefined) await turn;
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const full of blocks) {
    all.set(full, at);
    at += full.length;
  }
  all.set(block.subarray(0, filled), at);
  return all;
}
