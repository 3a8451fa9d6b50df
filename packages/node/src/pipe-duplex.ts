import type { Duplex } from "node:stream";
import { type DuplexOptions, duplexOptions } from "./options.ts";
import { Passage } from "./passage.ts";
import { TwoWay } from "./two-way.ts";

/**
 * A pipe as one `Duplex`: what is written to it is read from it. Where a `PassThrough` buffers up to twice its `highWaterMark`,
 * this one holds 512 bytes, the one chunk in hand, and one more where its consumer has asked for it. It carries bytes and not messages: small
 * writes merge, large ones are split. As in a pipe, a written Buffer may be reused once its callback ran, unless `transfer`.
 *
 * Ending the writing half leaves the reading half readable to the last byte. Destroying it drops the bytes in it, and
 * calls each write that waits back with that error, or with a `ClosedPipeError`.
 *
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link DuplexOptions}. The message names it.
 * @throws {RangeError} If a `highWaterMark` is negative, or `chunkSize` less than 1, or either not an integer.
 *
 * @example
 * ```ts
 * const middle = pipeDuplex();
 * await Promise.all([pipeline(source, middle), pipeline(middle, sink)]);
 * ```
 */
export function pipeDuplex(options: DuplexOptions = {}): Duplex {
  const { settings, chunkSize } = duplexOptions(options);
  const duplex = new TwoWay(settings);
  const passage = new Passage(duplex, duplex, {
    chunkSize,
    readAhead: settings.readableHighWaterMark,
    transfer: options.transfer === true,
    endsCleanly: false,
  });
  duplex.attach(passage, passage);
  return duplex.open(options.signal);
}
