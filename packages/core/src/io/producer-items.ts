import { requireBytes } from "../bytes.ts";
import { property } from "../requirement.ts";
import { abortable, listen, unlisten } from "../signal.ts";
import type { Writer } from "../types.ts";
import { writeText } from "./write-text.ts";

/** What a producer may return to have its items written: a generator, or any async iterable. */
export type ItemSource = AsyncIterable<unknown> | Generator;

export function isItemSource(value: unknown): value is ItemSource {
  if (typeof value !== "object" || value === null) return false;
  if (typeof property(value, Symbol.asyncIterator) === "function") return true;
  // An array or a Map that a callback happens to return is not meant to be written.
  return (
    typeof property(value, Symbol.iterator) === "function" && typeof property(value, "next") === "function"
  );
}

/**
 * Writes the items of `source`, bytes or strings, each when the one before is accepted. The iterator's `return()` is called once `signal`
 * aborts, or where a write fails.
 *
 * @throws {TypeError} If an item is neither bytes nor a string.
 * @throws What the iterator throws, its `return()` included, else what a write is rejected with.
 */
export async function writeItems(writer: Writer, source: ItemSource, signal: AbortSignal): Promise<void> {
  const iterator: AsyncIterator<unknown> | Iterator<unknown> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let leaving: Promise<unknown> | undefined;
  const leave = (): Promise<unknown> => (leaving ??= Promise.resolve(iterator.return?.()));
  const aborting = abortable(signal);
  // A generator that waits returns when it goes on; another iterator may stop at once. What it throws is met below.
  const onAbort = { handleEvent: () => void call(leave).catch(() => {}) };
  listen(aborting, onAbort);
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) break;
      try {
        await writeItem(writer, value);
      } catch (error) {
        if (error instanceof TypeError) writer.closeWithError(error); // At once: the generator may take its time to return.
        await call(leave);
        throw error;
      }
    }
    await leaving;
  } finally {
    unlisten(aborting, onAbort);
  }
}

/** Calls a function that may throw at once, as one that rejects. */
async function call(action: () => Promise<unknown>): Promise<unknown> {
  return action();
}

async function writeItem(writer: Writer, item: unknown): Promise<void> {
  if (typeof item === "string") await writeText(writer, item);
  else await writer.write(requireBytes(item, "write"));
}
