import type { Duplex } from "node:stream";
import type { Reader, Writer } from "@pipe512/core";
import { converted, requireReader, requireWriter } from "@pipe512/core/adapter";
import { attend } from "./attendance.ts";
import { type DuplexOptions, duplexOptions } from "./options.ts";
import { ReadingHalf } from "./reading-half.ts";
import { Connection } from "./two-way.ts";
import { WritingHalf } from "./writing-half.ts";

/**
 * A Node `Duplex` over any `Reader` and any `Writer`. It takes ownership of both. It reads like `toReadable(reader)`
 * and writes like `toWritable(writer)`. An error of either end destroys the duplex, which closes the other end with the
 * same error.
 *
 * @throws {TypeError} If `reader` is not a `Reader`.
 * @throws {TypeError} If `writer` is not a `Writer`.
 * @throws {TypeError} If an option is of the wrong type, or is not one of {@link DuplexOptions}.
 * @throws {RangeError} If a `highWaterMark` is not an integer of at least 0.
 * @throws {RangeError} If `chunkSize` is not an integer of at least 1.
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
