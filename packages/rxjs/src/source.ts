import type { Reader } from "@pipe512/core";
import { ForeignCount, requireReader } from "@pipe512/core/adapter";

/** A source of items. A reader may be iterable as well; it is then treated as a reader. */
export type Source<T> = Reader | AsyncIterable<T>;

/** The items of one subscription. */
export interface Steps<T> {
  /** The next item if it is available without waiting, otherwise `undefined`. */
  now?(): IteratorResult<T, unknown> | undefined;
  next(): Promise<IteratorResult<T, unknown>>;
  /**
   * Reports how long the consumer worked on the last item, in milliseconds. The length of the next chunk is adapted to
   * it.
   */
  took?(ms: number): void;
  /** Ends the iteration. */
  return?(): unknown;
}

/** The maximum number of bytes of one read. */
const CHUNK_BYTES = 65_536;
/** The length of the first chunk, in bytes. It is short because the consumer's speed is not known yet. */
const FIRST_BYTES = 1024;
const LEAST_BYTES = 64;
/**
 * Chunks get shorter if the consumer works longer than `LONG_MS` on one, and longer if it works less than `SHORT_MS`.
 */
const LONG_MS = 8;
const SHORT_MS = 2;

/**
 * Returns a function that opens `source` for one subscription. If `source` is a function, each subscription calls it.
 * Otherwise all use the same source, and a reader or an iterator can be used only once.
 *
 * @param borrow Whether chunks are views of one array, each valid until the next step. Otherwise the consumer owns
 * them.
 * @throws {TypeError} If `source` is not a function, a `Reader` or an `AsyncIterable`. The message names the function
 * that makes a `Reader` of it.
 */
export function opener<T>(source: Source<T> | (() => Source<T>), borrow: boolean): () => Steps<T> {
  if (typeof source === "function") return () => stepsOf(source(), borrow);
  let used = false;
  requireSource(source);
  return () => {
    const steps = stepsOf(source, borrow);
    if (used && (isReader(source) || (steps as unknown) === source)) {
      throw new Error(
        "Cannot subscribe twice to one reader: use share(), or pass a function that opens a reader for each subscription",
      );
    }
    used = true;
    return steps;
  };
}

/** @throws {TypeError} If `source` is neither a `Reader` nor an `AsyncIterable`. */
function requireSource(source: unknown): void {
  if (!isIterable(source)) requireReader(source, "source");
}

/** Does not use a reader's own async iterator: if that is a generator, it cannot be left during a pending read. */
function stepsOf<T>(source: Source<T>, borrow: boolean): Steps<T> {
  requireSource(source);
  return isReader(source) ? (chunksOf(source, borrow) as Steps<T>) : source[Symbol.asyncIterator]();
}

function chunksOf(reader: Reader, borrow: boolean): Steps<Uint8Array> {
  const owned = !borrow && reader.readChunk !== undefined;
  const into = new Uint8Array(owned ? 0 : CHUNK_BYTES);
  const counts = new ForeignCount("read");
  let maxBytes = FIRST_BYTES;
  const step = (value: unknown): IteratorResult<Uint8Array> => ({
    done: value === null,
    value: value as Uint8Array,
  });
  return {
    now() {
      const chunk = borrow ? undefined : reader.tryReadChunk?.({ maxBytes });
      return chunk === undefined ? undefined : step(chunk);
    },
    async next() {
      if (owned) return step(await reader.readChunk?.({ maxBytes }));
      const answer = await reader.read(into.subarray(0, maxBytes));
      if (answer === null) return step(null);
      const count = counts.check(answer, maxBytes);
      return step(borrow ? into.subarray(0, count) : into.slice(0, count));
    },
    took(ms) {
      if (ms > LONG_MS) maxBytes = Math.max(Math.floor((maxBytes * LONG_MS) / ms), LEAST_BYTES);
      else if (ms < SHORT_MS) maxBytes = Math.min(4 * maxBytes, CHUNK_BYTES);
    },
    return: () => reader.close(),
  };
}

function isIterable(source: unknown): boolean {
  try {
    return typeof (source as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === "function";
  } catch {
    return false; // A revoked proxy.
  }
}

/** Checks for `closeWithError`, because Node streams have a `read` method as well, with a different meaning. */
function isReader(source: unknown): source is Reader {
  return typeof (source as Partial<Reader>).closeWithError === "function";
}
