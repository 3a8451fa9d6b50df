import type { Duplex } from "node:stream";
import type { Reader, Writer } from "@pipe512/core";
import { converted, requireReader, requireWriter } from "@pipe512/core/adapter";
import { attend } from "./attendance.ts";
import { type DuplexOptions, duplexOptions } from "./options.ts";
import { ReadingHalf } from "./reading-half.ts";
import { Connection } from "./two-way.ts";
import { WritingHalf } from "./writing-half.ts";

/**
 * One Node `Duplex` over any `Reader` and any `Writer`, which it takes over: it reads as `toReadable(reader)` and writes
 * as `toWritable(writer)`. An error of either end destroys it, and so closes the other end with that error.
 *
 * @throws {TypeError} If `reader` is not a `Reader`, or `writer` not a `Writer`.
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link DuplexOptions}. The message names it.
 * @throws {RangeError} If a `highWaterMark` is negative, or `chunkSize` less than 1, or either not an integer.
 *
 * @example
 * ```ts
 * const there = pipe();
 * const back = pipe();
 * const client = toDuplex(back.reader, there.writer);
 * void copy(there.reader, back.writer).then(() => back.writer.close()); // an echo
 * client.end("hello");
 * for await (const chunk of client) console.log(String(chunk)); // hello
 * ```
 */
export function toDuplex(reader: Reader, writer: Writer, options: DuplexOptions = {}): Duplex {
  requireReader(reader);
  requireWriter(writer);
  const { settings, chunkSize } = duplexOptions(options);
  const duplex = new Connection(settings);
  const reading = new ReadingHalf(duplex, reader, chunkSize);
  const writing = new WritingHalf(duplex, writer, options.transfer, reading);
  duplex.attach(reading, writing);
  converted(duplex, "toDuplex", toDuplex);
  attend(reading, reader.closed);
  attend(writing, writer.closed);
  return duplex.open(options.signal);
}
