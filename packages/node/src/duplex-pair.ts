import type { Duplex } from "node:stream";
import { pipe } from "@pipe512/core";
import { attend } from "./attendance.ts";
import type { DuplexOptions } from "./options.ts";
import { PipeDuplex } from "./pipe-duplex.ts";

/**
 * Two duplexes, cross-connected by two pipes: what is written to one is read from the other.
 *
 * `destroy(error)` on one fails the write that waits on the other with `error`, and reaches the other as `error`; where
 * it has no write waiting, after what was accepted for it to read. (Node's own `duplexPair()` loses the error.)
 *
 * Between them lie at most 512 bytes each way, the one chunk in the hands of the one that is written, and one where the
 * consumer of the other has asked for it; more where `highWaterMark` says so.
 *
 * @throws {TypeError} If an option is of the wrong type, or asks for object mode or for an encoding that Node does not know.
 * @throws {RangeError} If `highWaterMark` is negative, or `chunkSize` less than 1, or either no integer.
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
  const there = pipe();
  const back = pipe();
  const one = new PipeDuplex(back.reader, there.writer, options);
  const other = new PipeDuplex(there.reader, back.writer, options);
  one.peer = other;
  other.peer = one;
  attend(one, back.reader.closed, (stream) => stream.reading.probe());
  attend(other, there.reader.closed, (stream) => stream.reading.probe());
  attend(one, there.writer.closed, (stream) => stream.loseReader());
  attend(other, back.writer.closed, (stream) => stream.loseReader());
  return [one, other];
}
