import type { Reader } from "@pipe512/core";
import { requireThat } from "./requirement.ts";

/** What items are read from. A reader may be iterable, too. */
export type Source<T> = Reader | AsyncIterable<T>;

/** The items of one subscription. */
export interface Steps<T> {
  /** What is there without waiting, if anything is. */
  now?(): IteratorResult<T, unknown> | undefined;
  next(): Promise<IteratorResult<T, unknown>>;
  /** Says that no more is wanted. */
  return?(): unknown;
}

/** The most bytes that one read asks for. */
const CHUNK_BYTES = 65_536;

/**
 * How to begin with a source at each subscription: with a new one, where a function opens it, else with the one there is.
 * Of a reader, or of an iterator, the items can be had once.
 *
 * @param borrow Chunks are views of one array, each valid until the next step. Otherwise the consumer owns them.
 * @throws {TypeError} If `source` is none of these.
 */
export function opener<T>(source: Source<T> | (() => Source<T>), borrow: boolean): () => Steps<T> {
  if (typeof source === "function") return () => stepsOf(source(), borrow);
  requireThat(
    isReader(source) || Object(source)[Symbol.asyncIterator] !== undefined,
    "a source",
    source,
    "a Reader or AsyncIterable",
  );
  let used = false;
  return () => {
    const steps = stepsOf(source, borrow);
    if (used && (isReader(source) || (steps as unknown) === source)) {
      throw new Error("Cannot subscribe twice to one reader: share() it, or open one for each");
    }
    used = true;
    return steps;
  };
}

/** A reader's own iteration is not asked, since one that is a generator cannot be left while it waits. */
function stepsOf<T>(source: Source<T>, borrow: boolean): Steps<T> {
  return isReader(source) ? (chunksOf(source, borrow) as Steps<T>) : source[Symbol.asyncIterator]();
}

function chunksOf(reader: Reader, borrow: boolean): Steps<Uint8Array> {
  const owned = !borrow && reader.readChunk !== undefined;
  const into = new Uint8Array(owned ? 0 : CHUNK_BYTES);
  const step = (value: unknown): IteratorResult<Uint8Array> => ({
    done: value === null,
    value: value as Uint8Array,
  });
  return {
    now() {
      const chunk = borrow ? undefined : reader.tryReadChunk?.();
      return chunk === undefined ? undefined : step(chunk);
    },
    async next() {
      const taken = await (owned ? reader.readChunk?.() : reader.read(into));
      if (typeof taken !== "number") return step(taken);
      return step(borrow ? into.subarray(0, taken) : into.slice(0, taken));
    },
    return: () => reader.close(),
  };
}

/** Told by what nothing else has: a stream of Node has `read`, too, but that is another one. */
function isReader(source: unknown): source is Reader {
  return typeof (source as Partial<Reader> | undefined)?.closeWithError === "function";
}
