import type { Duplex } from "node:stream";
import { type DuplexOptions, duplexOptions } from "./options.ts";
import { Passage } from "./passage.ts";
import { Connection } from "./two-way.ts";

/**
 * Two duplexes, cross-connected by two pipes: what is written to one is read from the other. It behaves as Node's own
 * `duplexPair()`, with less memory and without lost errors.
 *
 * `destroy(error)` on one fails the write that waits on the other with `error`, and reaches the other as `error`; where
 * it has no write waiting, after what was accepted for it to read. `destroy()` without an error is a clean end for the other, after
 * what was accepted and the chunk in hand; its later writes fail with a `ClosedPipeError`.
 *
 * Between them lie at most 512 bytes each way, the one chunk in the hands of the one that is written, and one where the
 * consumer of the other has asked for it; more where `highWaterMark` says so.
 *
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link DuplexOptions}. The message names it.
 * @throws {RangeError} If a `highWaterMark` is negative, or `chunkSize` less than 1, or either not an integer.
 *
 * @example
 * ```ts
 * const [client, server] = duplexPair();
 * server.pipe(server); // an echo
 * client.end("hello");
 * for await (const chunk of client) console.log(String(chunk)); // hello
 * ```
 */
export function duplexPair(options: DuplexOptions = {}): [Duplex, Duplex] {
  const { settings, chunkSize } = duplexOptions(options);
  const one = new Connection(settings);
  const other = new Connection(settings);
  const terms = {
    chunkSize,
    readAhead: settings.readableHighWaterMark,
    transfer: options.transfer === true,
    endsCleanly: true,
  };
  const there = new Passage(one, other, terms);
  const back = new Passage(other, one, terms);
  one.attach(back, there);
  other.attach(there, back);
  return [one.open(options.signal), other.open(options.signal)];
}
