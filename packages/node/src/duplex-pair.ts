import type { Duplex } from "node:stream";
import { type DuplexOptions, duplexOptions } from "./options.ts";
import { Passage } from "./passage.ts";
import { Connection } from "./two-way.ts";

/**
 * Two duplexes, cross-connected by two pipes: bytes written to one are read from the other. It behaves like Node's own
 * `duplexPair()`, but uses less memory and loses no errors.
 *
 * `destroy(error)` on one fails a pending write of the other with `error`, and destroys the other with `error`. If the
 * other has no pending write, it gets the accepted bytes first. After `destroy()` without an error the other gets the
 * accepted bytes and the current chunk, then ends; its later writes fail with a `ClosedPipeError`.
 *
 * Each way holds at most 512 bytes, one chunk in the written stream, and one chunk that the consumer of the other has
 * pulled. `highWaterMark` adds to that.
 *
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link DuplexOptions}.
 * @throws {RangeError} If a `highWaterMark` is not an integer of at least 0.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
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
