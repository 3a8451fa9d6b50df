import type { Reader } from "@pipe512/core";
import { ForeignCount, requireReader } from "@pipe512/core/adapter";

/** What items are read from. A reader may be iterable, too. */
export type Source<T> = Reader | AsyncIterable<T>;

/** The items of one subscription. */
export interface Steps<T> {
  /** What is there without waiting, if anything is. */
  now?(): IteratorResult<T, unknown> | undefined;
  next(): Promise<IteratorResult<T, unknown>>;
  /** Takes note of how long the consumer worked on the last item, where the next one may be shorter or longer for it. */
  took?(ms: number): void;
  /** Says that no more is wanted. */
  return?(): unknown;
}

/** The most bytes that one read pulls. */
const CHUNK_BYTES = 65_536;
/** The first chunk is short, since nothing is known about how long the consumer works on one. */
const FIRST_BYTES = 1024;
const LEAST_BYTES = 64;
/** Chunks get shorter while the consumer works longer on one than this, and longer while it works less than {@link SHORT_MS}. */
const LONG_MS = 8;
const SHORT_MS = 2;

/**
 * How to begin with a source at each subscription: with a new one, where a function opens it, else with the one there is.
 * Of a reader, or of an iterator, the items can be had once.
 *
 * @param borrow Chunks are views of one array, each valid until the next step. Otherwise the consumer owns them.
 * @throws {TypeError} If `source` is none of these. The message names the function that makes a `Reader` of it.
 */
export function opener<T>(source: Source<T> | (() => Source<T>), borrow: boolean): () => Steps<T> {
  if (typeof source === "function") return () => stepsOf(source(), borrow);
  let used = false;
  requireSource(source);
  return () => {
    const steps = stepsOf(source, borrow);
    if (used && (isReader(source) || (steps as unknown) === source)) {
      throw new Error("Cannot subscribe twice to one reader: share() it, or open one for each");
    }
    used = true;
    return steps;
  };
}

/** @throws {TypeError} If `source` is neither a `Reader` nor an `AsyncIterable`. */
function requireSource(source: unknown): void {
  if (!isIterable(source)) requireReader(source, "source");
}

/** A reader's own iteration is not asked, since one that is a generator cannot be left while it waits. */
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

/** Told by what nothing else has: a stream of Node has `read`, too, but that is another one. */
function isReader(source: unknown): source is Reader {
  return typeof (source as Partial<Reader>).closeWithError === "function";
}
