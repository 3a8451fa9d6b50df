import type { Readable } from "node:stream";
import type { Reader, Writer } from "@pipe512/core";

/** What a stream emits while nobody asks it, in order: the names of the events, and their errors. */
export function record(stream: NodeJS.EventEmitter, ...events: readonly string[]): unknown[] {
  const seen: unknown[] = [];
  for (const event of events) {
    stream.on(event, (value?: unknown) => seen.push(value === undefined ? event : [event, value]));
  }
  return seen;
}

/** Everything that comes out of a stream. */
export async function drain(readable: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readable) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The required members of a pipe's end and nothing else, as somebody's own reader has them. */
export function plainReader(reader: Reader): Reader {
  return {
    read: (into, options) => reader.read(into, options),
    close: () => reader.close(),
    closeWithError: (error) => reader.closeWithError(error),
  };
}

/** The required members of a pipe's end and nothing else, as somebody's own writer has them. */
export function plainWriter(writer: Writer): Writer {
  return {
    write: (bytes, options) => writer.write(bytes, options),
    close: () => writer.close(),
    closeWithError: (error) => writer.closeWithError(error),
  };
}
