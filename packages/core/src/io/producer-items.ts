import { requireBytes } from "../bytes.ts";
import { property } from "../requirement.ts";
import { abortable, listen, unlisten } from "../signal.ts";
import type { Writer } from "../types.ts";
import { writeText } from "./write-text.ts";

/** A generator or async iterable that a producer returns. Its items are written. */
export type ItemSource = AsyncIterable<unknown> | Generator;

export function isItemSource(value: unknown): value is ItemSource {
  if (typeof value !== "object" || value === null) return false;
  if (typeof property(value, Symbol.asyncIterator) === "function") return true;
  // Not any iterable, because a producer may return an array or a Map that is not meant to be written.
  return (
    typeof property(value, Symbol.iterator) === "function" && typeof property(value, "next") === "function"
  );
}

/**
 * Writes the items of `source`, bytes or strings, one after the other. Calls the iterator's `return()` when `signal` aborts or
 * a write fails.
 *
 * @throws {TypeError} If an item is neither a `Uint8Array` nor a string.
 * @throws The error that the iterator throws, also from its `return()`; else the error that a write rejects with.
 */
export async function writeItems(writer: Writer, source: ItemSource, signal: AbortSignal): Promise<void> {
  const iterator: AsyncIterator<unknown> | Iterator<unknown> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let leaving: Promise<unknown> | undefined;
  const leave = (): Promise<unknown> => (leaving ??= Promise.resolve(iterator.return?.()));
  const aborting = abortable(signal);
  // A generator runs its return() only after its current step. The error that it throws is awaited below.
  const onAbort = { handleEvent: () => void call(leave).catch(() => {}) };
  listen(aborting, onAbort);
  try {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) break;
      try {
        await writeItem(writer, value);
      } catch (error) {
        if (error instanceof TypeError) writer.closeWithError(error); // Before return(), which may take long.
        await call(leave);
        throw error;
      }
    }
    await leaving;
  } finally {
    unlisten(aborting, onAbort);
  }
}

/** Calls `action`, and turns an exception into a rejection. */
async function call(action: () => Promise<unknown>): Promise<unknown> {
  return action();
}

async function writeItem(writer: Writer, item: unknown): Promise<void> {
  if (typeof item === "string") await writeText(writer, item);
  else await writer.write(requireBytes(item, "write"));
}
