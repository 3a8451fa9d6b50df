/** Gets a notice when a BYOB reader releases its lock. */
interface Releasable {
  released(): void;
}

/**
 * The lock whose `closed` each of these promises is. Only the stream can settle the promise, so the promise keeps the stream alive: it may be all that
 * a caller has kept.
 */
const locks = new WeakMap<Promise<unknown>, object>();

const method = (value: unknown): PropertyDescriptor => ({ value, configurable: true, writable: true });

/** Gives `stream` a `getReader()` whose readers are kept alive by their `closed`, and notify `source` when a BYOB read may have been released. */
export function watchReaders(stream: ReadableStream, source: Releasable): void {
  const { getReader } = stream;
  const lock = (...options: [{ mode: "byob" }]): ReadableStreamBYOBReader => {
    const reader = getReader.apply(stream, options);
    locks.set(reader.closed, reader);
    if (options[0]?.mode === undefined) return reader;
    const { releaseLock } = reader;
    const release = (): void => {
      releaseLock.call(reader);
      source.released();
    };
    return Object.defineProperty(reader, "releaseLock", method(release));
  };
  Object.defineProperty(stream, "getReader", method(lock));
}

/** Gives `stream` a `getWriter()` whose writers are kept alive by their `closed`. */
export function watchWriters(stream: WritableStream): void {
  const { getWriter } = stream;
  const lock = (): WritableStreamDefaultWriter => {
    const writer = getWriter.call(stream);
    locks.set(writer.closed, writer);
    return writer;
  };
  Object.defineProperty(stream, "getWriter", method(lock));
}
