import type { Readable } from "node:stream";
import type { Reader, Writer } from "@pipe512/core";

/** Records the events that a stream emits without a consumer, in order: their names and errors. */
export function record(stream: NodeJS.EventEmitter, ...events: readonly string[]): unknown[] {
  const seen: unknown[] = [];
  for (const event of events) {
    stream.on(event, (value?: unknown) => seen.push(value === undefined ? event : [event, value]));
  }
  return seen;
}

/** Returns all bytes of a stream. */
export async function drain(readable: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readable) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A foreign reader: only the required members of a pipe's reader. */
export function plainReader(reader: Reader): Reader {
  return {
    read: (into, options) => reader.read(into, options),
    close: () => reader.close(),
    closeWithError: (error) => reader.closeWithError(error),
  };
}

/** A foreign writer: only the required members of a pipe's writer. */
export function plainWriter(writer: Writer): Writer {
  return {
    write: (bytes, options) => writer.write(bytes, options),
    close: () => writer.close(),
    closeWithError: (error) => writer.closeWithError(error),
  };
}
