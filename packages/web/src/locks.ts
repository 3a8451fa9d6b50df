/** Notified when a BYOB reader releases its lock. */
interface Releasable {
  released(): void;
}

/**
 * Where a `closed` promise holds the reader or writer that it belongs to. Only the stream can settle the promise, so as long as a caller has the
 * promise, and perhaps nothing else, the stream must live. (A `WeakMap` does the same and takes 7 µs.)
 */
const LOCK = Symbol("pipe512.lock");

function held<Lock extends { readonly closed: Promise<unknown> }>(lock: Lock): Lock {
  void Object.defineProperty(lock.closed, LOCK, { value: lock });
  return lock;
}

const method = (value: unknown): PropertyDescriptor => ({ value, configurable: true, writable: true });

/** Gives `stream` a `getReader()` whose readers live as long as their `closed`, and notify `source` when a BYOB read may have been released. */
export function watchReaders(stream: ReadableStream, source: Releasable): void {
  const getReader = stream.getReader.bind(stream) as (
    ...options: readonly unknown[]
  ) => ReadableStreamBYOBReader;
  const lock = (...options: readonly unknown[]): ReadableStreamBYOBReader => {
    const reader = held(getReader(...options));
    if ((options[0] as { mode?: unknown } | undefined)?.mode === undefined) return reader;
    const releaseLock = reader.releaseLock.bind(reader);
    const release = (): void => {
      releaseLock();
      source.released();
    };
    return Object.defineProperty(reader, "releaseLock", method(release));
  };
  Object.defineProperty(stream, "getReader", method(lock));
}

/** Gives `stream` a `getWriter()` whose writers live as long as their `closed`. */
export function watchWriters(stream: WritableStream): void {
  const getWriter = stream.getWriter.bind(stream);
  Object.defineProperty(
    stream,
    "getWriter",
    method(() => held(getWriter())),
  );
}
