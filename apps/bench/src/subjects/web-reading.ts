import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { toReadableStream } from "@pipe512/web";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Reads a stream to its end: chunk by chunk, or into its own view, which it reuses. */
async function consume(stream: Stream, sink: Sink, viewBytes: number | undefined): Promise<void> {
  if (viewBytes === undefined) {
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      sink.take(value, value.length);
    }
  }
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(viewBytes);
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done) return;
    sink.take(value, value.length);
    buffer = value.buffer;
  }
}

/** A pipe's writer on the one side, a stream over its reader on the other. */
class ReaderChannel implements Channel {
  readonly #writer: PipeWriter;
  readonly #reader: PipeReader;
  readonly #stream: Stream;
  readonly #viewBytes: number | undefined;

  constructor(byob: boolean, viewBytes?: number) {
    const { reader, writer } = pipe();
    this.#writer = writer;
    this.#reader = reader;
    this.#stream = toReadableStream(reader, { byob });
    this.#viewBytes = viewBytes;
  }

  async send(load: Load): Promise<void> {
    const writer = this.#writer;
    for (let left = load.count; left > 0; left--) await writer.write(load.next());
    writer.close();
  }

  receive(sink: Sink): Promise<void> {
    return consume(this.#stream, sink, this.#viewBytes);
  }

  held(): number {
    return this.#writer.bytesWritten - this.#reader.bytesRead;
  }
}

/** The cost of the platform without a pipe: a stream whose source enqueues copies that its consumer owns. */
class BareChannel implements Channel {
  readonly #stream: Stream;
  readonly #viewBytes: number | undefined;
  // Set by send(), consumed by the source.
  #load: Load | undefined;
  #left = 0;
  #begin: () => void = () => {};

  /** @param fills Whether the source copies into the consumer's view; otherwise it enqueues a copy. */
  constructor(byob: boolean, viewBytes?: number, fills = false) {
    this.#viewBytes = viewBytes;
    const begun = new Promise<void>((resolve) => {
      this.#begin = resolve;
    });
    const source = {
      start: () => begun,
      pull: (controller: { enqueue(chunk: Uint8Array<ArrayBuffer>): void; close(): void }) => {
        const { byobRequest } = controller as Partial<ReadableByteStreamController>;
        if (this.#left === 0) {
          controller.close();
          byobRequest?.respond(0);
          return;
        }
        this.#left--;
        const chunk = (this.#load as Load).next();
        if (fills && byobRequest?.view) {
          (byobRequest.view as Uint8Array).set(chunk);
          byobRequest.respond(chunk.length);
        } else {
          controller.enqueue(new Uint8Array(chunk));
        }
      },
    };
    const stream = byob ? new ReadableStream({ ...source, type: "bytes" }) : new ReadableStream(source);
    this.#stream = stream as Stream;
  }

  async send(load: Load): Promise<void> {
    this.#load = load;
    this.#left = load.count;
    this.#begin();
  }

  receive(sink: Sink): Promise<void> {
    return consume(this.#stream, sink, this.#viewBytes);
  }

  held(): number {
    return 0; // The source is pulled for each chunk, so the stream buffers nothing.
  }
}

/** @param viewBytes The length of the consumer's own view, if it has one. */
export const readerStream =
  (byob: boolean, viewBytes?: number): Open =>
  () =>
    new ReaderChannel(byob, viewBytes);

/** @param viewBytes The length of the consumer's own view, if it has one. */
export const bareStream =
  (byob: boolean, viewBytes?: number): Open =>
  () =>
    new BareChannel(byob, viewBytes);

/** @param viewBytes The length of the consumer's own view, at least that of a chunk. */
export const filledStream =
  (viewBytes: number): Open =>
  () =>
    new BareChannel(true, viewBytes, true);
