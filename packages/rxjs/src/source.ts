import type { Reader } from "@pipe512/core";
import { requireThat } from "./requirement.ts";

/** What items are read from. A reader may be iterable, too. */
export type Source<T> = Reader | AsyncIterable<T>;

/** The items of one subscription. */
export interface Steps<T> {
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
  const { read, [Symbol.asyncIterator]: iterate } = Object(source) as Partial<Reader & AsyncIterable<T>>;
  requireThat(read ?? iterate, "a source", source, "a Reader or an AsyncIterable");
  let used = false;
  return () => {
    const steps = stepsOf(source, borrow);
    if (used && (read !== undefined || (steps as unknown) === source)) {
      throw new Error("Cannot subscribe twice to one reader: share() it, or open one for each subscription");
    }
    used = true;
    return steps;
  };
}

function stepsOf<T>(source: Source<T>, borrow: boolean): Steps<T> {
  const reader = source as Reader & Partial<AsyncIterable<T>>;
  const steps = borrow ? undefined : reader[Symbol.asyncIterator]?.();
  if (steps !== undefined && reader.read === undefined) return steps;
  return {
    next: steps === undefined ? (nextOf(reader, borrow) as Steps<T>["next"]) : () => steps.next(),
    // Not left to the iteration: a generator's return() would wait for the read that waits.
    return: () => reader.close(),
  };
}

/** The steps of a reader that is not iterable, or is to lend its chunks. */
function nextOf(reader: Reader, borrow: boolean): Steps<Uint8Array>["next"] {
  const owned = !borrow && reader.readChunk !== undefined;
  const into = new Uint8Array(owned ? 0 : CHUNK_BYTES);
  return async () => {
    const taken = await (owned ? reader.readChunk?.() : reader.read(into));
    const value = typeof taken !== "number" ? taken : borrow ? into.subarray(0, taken) : into.slice(0, taken);
    return { done: value === null, value: value as Uint8Array };
  };
}
