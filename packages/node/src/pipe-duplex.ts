import type { Duplex } from "node:stream";
import { type DuplexOptions, duplexOptions } from "./options.ts";
import { Passage } from "./passage.ts";
import { TwoWay } from "./two-way.ts";

/**
 * A pipe as one `Duplex`: bytes written to it are read from it. It holds 512 bytes, the current chunk, and one more
 * chunk if the consumer has pulled; a `PassThrough` buffers up to twice its `highWaterMark`. It carries bytes, not
 * messages: small writes are merged, and large ones are split. A written Buffer may be reused after its callback,
 * except with `transfer`.
 *
 * After `end()` the readable side can still be read to the last byte. `destroy(error)` discards the bytes in the pipe,
 * and calls each pending write back with `error`, or with a `ClosedPipeError` if there is none.
 *
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link DuplexOptions}.
 * @throws {RangeError} If a `highWaterMark` is not an integer of at least 0.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
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
