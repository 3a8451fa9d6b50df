/** Notified when a BYOB reader releases its lock. */
interface Releasable {
  released(): void;
}

/**
 * The property by which a `closed` promise holds its reader or writer. Only the stream can settle the promise, so the
 * stream must live as long as the promise. (A `WeakMap` would do the same, but takes 7 µs.)
 */
const LOCK = Symbol("pipe512.lock");

function held<Lock extends { readonly closed: Promise<unknown> }>(lock: Lock): Lock {
  void Object.defineProperty(lock.closed, LOCK, { value: lock });
  return lock;
}

const method = (value: unknown): PropertyDescriptor => ({ value, configurable: true, writable: true });

/**
 * Replaces `getReader()` of `stream`: its readers live as long as their `closed`, and notify `source` when a BYOB read
 * may have been released.
 */
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

/** Replaces `getWriter()` of `stream`: its writers live as long as their `closed`. */
export function watchWriters(stream: WritableStream): void {
  const getWriter = stream.getWriter.bind(stream);
  Object.defineProperty(
    stream,
    "getWriter",
    method(() => held(getWriter())),
  );
}
