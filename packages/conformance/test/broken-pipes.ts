import type { Ends, Reader, Writer } from "@pipe512/conformance";
import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";

// Each end is wrapped in a separate function, so that neither end keeps the other from being collected.

const readerOf = (inner: PipeReader): Reader => ({
  read: (into, options) => inner.read(into, options),
  close: () => inner.close(),
  closeWithError: (error) => inner.closeWithError(error),
  closed: inner.closed,
  tryRead: (into) => inner.tryRead(into),
  readChunk: (options) => inner.readChunk(options),
});

const writerOf = (inner: PipeWriter): Writer => ({
  write: (bytes, options) => inner.write(bytes, options),
  close: () => inner.close(),
  closeWithError: (error) => inner.closeWithError(error),
  closed: inner.closed,
  tryWrite: (bytes) => inner.tryWrite(bytes),
});

type Break<End> = (end: End) => Partial<End>;

/** Makes pipes in which some methods of an end are replaced. */
function broken(breakReader: Break<Reader>, breakWriter: Break<Writer> = () => ({})): () => Ends {
  return () => {
    const inner = pipe();
    const [reader, writer] = [readerOf(inner.reader), writerOf(inner.writer)];
    return { reader: { ...reader, ...breakReader(reader) }, writer: { ...writer, ...breakWriter(writer) } };
  };
}

const brokenWriter = (breakWriter: Break<Writer>): (() => Ends) => broken(() => ({}), breakWriter);

/** Pipes that each break one guarantee, by the fault that they have. */
export const brokenPipes: Readonly<Record<string, () => Ends>> = {
  "changes nothing": broken(() => ({})),
  "loses the last byte of a long write": brokenWriter((end) => ({
    write: async (bytes, options) => {
      if (!(bytes instanceof Uint8Array) || bytes.length <= 512) return end.write(bytes, options);
      return (await end.write(bytes.subarray(0, -1), options)) + 1;
    },
  })),
  "interleaves writes": brokenWriter((end) => ({
    write: async (bytes, options) => {
      if (!(bytes instanceof Uint8Array) || bytes.length <= 600 || options !== undefined) {
        return end.write(bytes, options);
      }
      return (await end.write(bytes.subarray(0, 600))) + (await end.write(bytes.subarray(600)));
    },
  })),
  "resolves writes with 0": brokenWriter((end) => ({
    write: (bytes, options) => end.write(bytes, options).then(() => 0),
  })),
  "lets no write wait": brokenWriter((end) => ({
    write: async (bytes, options) => {
      void end.write(bytes, options).catch(() => {});
      return bytes.length;
    },
  })),
  "hangs at the end": broken((end) => ({
    read: async (into, options) => (await end.read(into, options)) ?? new Promise<never>(() => {}),
  })),
  "fills the array": broken((end) => ({
    read: async (into, options) => {
      let count = await end.read(into, options);
      while (count !== null && count < into.length) {
        const more = await end.read(into.subarray(count), options);
        if (more === null) break;
        count += more;
      }
      return count;
    },
  })),
  "reads to the beginning of the buffer": broken((end) => ({
    read: (into, options) =>
      end.read(into instanceof Uint8Array ? new Uint8Array(into.buffer, 0, into.length) : into, options),
  })),
  "serves the last of the waiting reads first": broken((end) => {
    const waiting: Array<{ into: Uint8Array; resolve: (count: number | null) => void }> = [];
    return {
      read: (into, options) =>
        new Promise((resolve, reject) => {
          if (!(into instanceof Uint8Array) || into.length === 0 || options !== undefined) {
            end.read(into, options).then(resolve, reject);
            return;
          }
          waiting.push({ into, resolve });
          const own = new Uint8Array(into.length);
          end
            .read(own)
            .then((count) => {
              const last = waiting.pop();
              last?.into.set(own.subarray(0, Math.min(count ?? 0, last.into.length)));
              last?.resolve(count);
            })
            .catch(reject);
        }),
    };
  }),
  "drops what does not fit the array": broken((end) => ({
    read: async (into, options) => {
      if (!(into instanceof Uint8Array) || into.length === 0) return end.read(into, options);
      const own = new Uint8Array(into.length + 10);
      const count = await end.read(own, options);
      if (count === null) return null;
      into.set(own.subarray(0, Math.min(count, into.length)));
      return Math.min(count, into.length);
    },
  })),
  "swaps the writer's error": brokenWriter((end) => ({
    closeWithError: () => end.closeWithError(new Error("another")),
  })),
  "ends cleanly where it failed": brokenWriter((end) => ({ closeWithError: () => end.close() })),
  "cuts writes off when it closes": brokenWriter((end) => ({
    close: () => end.closeWithError("closed"),
  })),
  "lets a write of nothing pass when closed": brokenWriter((end) => ({
    write: async (bytes, options) => (bytes?.length === 0 ? 0 : end.write(bytes, options)),
  })),
  "answers reads of nothing with 0 for ever": broken((end) => ({
    read: async (into, options) => (into?.length === 0 ? 0 : end.read(into, options)),
  })),
  "refuses shared memory": brokenWriter((end) => ({
    write: async (bytes, options) => {
      if (bytes?.buffer instanceof SharedArrayBuffer) throw new TypeError("Cannot write shared memory");
      return end.write(bytes, options);
    },
  })),
  "leaves a listener on the signal of each read": broken((end) => ({
    read: (into, options) => {
      const reading = end.read(into, options);
      options?.signal?.addEventListener?.("abort", () => {});
      return reading;
    },
  })),
  "leaves a listener on the signal of a write that a close rejects": brokenWriter((end) => ({
    write: async (bytes, options) => {
      const writing = end.write(bytes, options);
      const { signal } = options ?? {};
      const listener = (): void => {};
      signal?.addEventListener?.("abort", listener);
      const count = await writing;
      signal?.removeEventListener?.("abort", listener);
      return count;
    },
  })),
  "does not listen to the signal of a write": brokenWriter((end) => ({
    write: (bytes, options) =>
      end.write(bytes, options?.signal?.aborted === false ? { ...options, signal: undefined } : options),
  })),
};
