import { isBytes } from "../bytes.ts";
import type { PipeWriter } from "../pipe/writer.ts";
import { type Abortable, type AbortListener, listen } from "../signal.ts";
import { describe } from "../value.ts";
import { writeText } from "./write-text.ts";

/**
 * Writes what a producer has returned: the items of a generator or an async iterable. Other results mean nothing, such as the number of
 * bytes of a last write.
 *
 * @throws {TypeError} If the result is bytes or a string, or an array of them, which the producer has not written.
 */
export async function writeResult(result: unknown, writer: PipeWriter, signal: AbortSignal): Promise<void> {
  const { [Symbol.asyncIterator]: inTime, [Symbol.iterator]: atOnce, next } = Object(result) as Result;
  const iterate = inTime ?? (typeof next === "function" ? atOnce : undefined);
  if (typeof iterate === "function") {
    await writeItems(iterate.call(result), writer, signal);
  } else if (isData(result) || (Array.isArray(result) && result.some(isData))) {
    throw new TypeError(
      `produce must write its bytes; it returned ${describeData(result)}: write it, or use fromIterable()`,
    );
  }
}

type Items = Iterator<unknown> | AsyncIterator<unknown>;

interface Result {
  readonly [Symbol.asyncIterator]?: () => Items;
  readonly [Symbol.iterator]?: () => Items;
  readonly next?: unknown;
}

async function writeItems(items: Items, writer: PipeWriter, signal: AbortSignal): Promise<void> {
  let leaving: Promise<unknown> | undefined;
  const leave = (): void => {
    leaving ??= new Promise((resolve) => resolve(items.return?.()));
    leaving.catch(() => {}); // It is awaited below, maybe later.
  };
  // An iterator that waits is left at once when the reader closes. A generator runs its `finally` when it goes on.
  const onAbort: AbortListener = { handleEvent: leave };
  listen(signal as unknown as Abortable, onAbort);
  try {
    for (;;) {
      const { done, value } = await items.next();
      if (done === true) return;
      await writeItem(value, writer);
    }
  } catch (error) {
    leave();
    throw error;
  } finally {
    await leaving; // What its `finally` throws is the producer's error.
  }
}

/** @throws {TypeError} If `item` is neither bytes nor a string. */
async function writeItem(item: unknown, writer: PipeWriter): Promise<void> {
  if (typeof item === "string") await writeText(writer, item);
  else if (isBytes(item)) await writer.write(item);
  else throw new TypeError(`Cannot write ${describe(item)}: a producer must yield Uint8Array or strings`);
}

function isData(value: unknown): boolean {
  return typeof value === "string" || isBytes(value);
}

/** Without its text, which is the caller's data. */
function describeData(value: unknown): string {
  return typeof value === "string" ? "a string" : describe(value);
}
