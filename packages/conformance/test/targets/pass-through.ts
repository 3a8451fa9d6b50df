import { PassThrough } from "node:stream";
import type { Ends, Reader, Writer } from "@pipe512/conformance";

/** A PassThrough with a buffer of 512 bytes. A write resolves when its callback runs; a read returns buffered bytes. */
export function create(): Ends {
  const stream = new PassThrough({ highWaterMark: 512 });
  stream.on("error", () => {}); // The reads and writes report the error. Without a listener it would end the process.
  stream.setMaxListeners(0);

  const reader: Reader = {
    async read(into) {
      for (;;) {
        // Like Node's own iterator: a destroyed stream is not read any more.
        const chunk = stream.destroyed ? null : take(into.length);
        if (chunk !== null) {
          into.set(chunk);
          return chunk.length;
        }
        if (stream.readableEnded) return null;
        if (stream.destroyed) throw stream.errored ?? new Error("The stream was destroyed");
        if (into.length === 0) return 0; // Node's read(0) never returns bytes.
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

  /** Reads at most the available bytes, since Node would wait for more. A size of 0 makes the stream start reading. */
  function take(size: number): Uint8Array | null {
    return stream.read(Math.min(size, stream.readableLength)) as Uint8Array | null;
  }

  /** Resolves when the state of the stream may have changed. */
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

/** Returns the value that the stream delivers after `value` was written, without a wrapper. */
export function pass(value: unknown): Promise<unknown> {
  const stream = new PassThrough({ objectMode: !(value instanceof Uint8Array) });
  stream.write(value);
  return Promise.resolve(stream.read());
}
