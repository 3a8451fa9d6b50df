import { PassThrough } from "node:stream";
import type { Ends, Reader, Writer } from "@pipe512/conformance";

/** A PassThrough with a buffer of 512 bytes. A write is done when its callback runs; a read takes what is buffered. */
export function create(): Ends {
  const stream = new PassThrough({ highWaterMark: 512 });
  stream.on("error", () => {}); // The reads and writes report it. Without a listener it would end the process.
  stream.setMaxListeners(0);

  const reader: Reader = {
    async read(into) {
      for (;;) {
        // As Node's own iterator does it: what is destroyed is not read from any more.
        const chunk = stream.destroyed ? null : take(into.length);
        if (chunk !== null) {
          into.set(chunk);
          return chunk.length;
        }
        if (stream.readableEnded) return null;
        if (stream.destroyed) throw stream.errored ?? new Error("The stream was destroyed");
        if (into.length === 0) return 0; // Node's read(0) never gives anything.
        await change();
      }
    },
    close: () => void stream.destroy(),
    closeWithError: (error) => void stream.destroy(error as Error),
  };

  const writer: Writer = {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve(bytes.length)));
      }),
    close: () => void stream.end(),
    closeWithError: (error) => void stream.destroy(error as Error),
  };

  /** Asks for no more than is there, since Node would wait for the rest; asks for 0 to start it reading. */
  function take(size: number): Uint8Array | null {
    return stream.read(Math.min(size, stream.readableLength)) as Uint8Array | null;
  }

  /** Resolves when there may be something new to see. */
  function change(): Promise<void> {
    const events = ["readable", "end", "close"];
    return new Promise((resolve) => {
      const arrive = (): void => {
        for (const event of events) stream.off(event, arrive);
        resolve();
      };
      for (const event of events) stream.on(event, arrive);
    });
  }

  return { reader, writer };
}

/** What comes out where `value` goes in, by the stream's own means. */
export function pass(value: unknown): Promise<unknown> {
  const stream = new PassThrough({ objectMode: !(value instanceof Uint8Array) });
  stream.write(value);
  return Promise.resolve(stream.read());
}
