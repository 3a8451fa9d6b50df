import type { Side } from "../errors.ts";
import { type Abortable, abortable, listen, unlisten } from "../signal.ts";
import { converted } from "../adapter/waits.ts";
import { describe } from "../value.ts";
import { attachedHere } from "./attached.ts";
import { writeError } from "./error-record.ts";
import {
  ATTACHED,
  FAILED,
  HAS_SIGNAL,
  LOCKS,
  MANY_READERS,
  MANY_WRITERS,
  READER_ATTACHED,
  READER_CLOSED,
  READER_MUTEX,
  STATE,
  WRITER_ATTACHED,
  WRITER_CLOSED,
  WRITER_MUTEX,
} from "./layout.ts";
import { lockOf, type Memory, memoryOf, newMemory, type SharedHandle } from "./memory.ts";
import { locks, sleepAsync } from "./platform.ts";
import { close } from "./protocol.ts";
import { SharedReader } from "./reader.ts";
import { enter, leave, markLocked } from "./roster.ts";
import { thisThread } from "./thread.ts";
import { SharedWriter } from "./writer.ts";

/** Options of {@link sharedPipe}. */
export interface SharedPipeOptions {
  /**
   * `"many"` lets the handle be attached any number of times, in any threads: their writes are taken one whole call at a time.
   *
   * @default {"one"}
   */
  readonly writers?: "one" | "many" | undefined;
  /**
   * The same for readers: their reads are served one whole call at a time.
   *
   * @default {"one"}
   */
  readonly readers?: "one" | "many" | undefined;
  /** Aborting it acts as `writer.closeWithError(signal.reason)`, whichever thread has the writer. Where the reader closed first, it changes nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** The ends of a pipe between threads, not attached yet. */
export interface SharedPipeHandles {
  readonly readerHandle: SharedHandle<"reader">;
  readonly writerHandle: SharedHandle<"writer">;
}

/**
 * Makes a pipe between threads, which is what Go's `io.Pipe` is between goroutines, but for its buffer: 1.5 KiB of shared memory with room for 512 bytes. Its two handles are plain values. Send each to the thread that is to
 * have the end, or keep it, and attach it there.
 *
 * @example
 * ```ts
 * const { readerHandle, writerHandle } = sharedPipe();
 * new Worker(new URL("./worker.js", import.meta.url), { workerData: writerHandle });
 * const reader = attachReader(readerHandle);
 * ```
 *
 * @throws {TypeError} If there is no shared memory here, or an option is of the wrong type.
 */
export function sharedPipe(options?: SharedPipeOptions): SharedPipeHandles {
  const many =
    manyOf("writers", options?.writers, MANY_WRITERS) | manyOf("readers", options?.readers, MANY_READERS);
  const signal = options?.signal === undefined ? undefined : abortable(options.signal);
  const buffer = newMemory();
  const words = new Int32Array(buffer);
  words[ATTACHED] = many | (signal === undefined ? 0 : HAS_SIGNAL);
  if (signal !== undefined) failWith(signal, words);
  const lock = locks && `pipe512 ${Date.now()} ${Math.random()}`;
  return {
    readerHandle: { side: "reader", buffer, lock: lock && `${lock} reader` },
    writerHandle: { side: "writer", buffer, lock: lock && `${lock} writer` },
  };
}

/**
 * Attaches the writing end of a pipe to this thread.
 *
 * @throws {TypeError} If it is not the handle of a writer, or was attached already and the pipe has one writer.
 */
export function attachWriter(handle: SharedHandle<"writer">): SharedWriter {
  const memory = memoryOf(handle, "writer");
  const writer = attach(memory, handle, WRITER_ATTACHED, MANY_WRITERS)
    ? new SharedWriter(memory, WRITER_MUTEX, attachedHere(memory.words, "writer"))
    : new SharedWriter(memory, 0);
  converted(writer, "attachWriter", attachWriter);
  return writer;
}

/**
 * Attaches the reading end of a pipe to this thread.
 *
 * @throws {TypeError} If it is not the handle of a reader, or was attached already and the pipe has one reader.
 */
export function attachReader(handle: SharedHandle<"reader">): SharedReader {
  const memory = memoryOf(handle, "reader");
  const reader = attach(memory, handle, READER_ATTACHED, MANY_READERS)
    ? new SharedReader(memory, READER_MUTEX, attachedHere(memory.words, "reader"))
    : new SharedReader(memory, 0);
  converted(reader, "attachReader", attachReader);
  return reader;
}

/** Notes that this thread has the side. Returns whether others may have it, too. */
function attach({ words }: Memory, { side, lock }: SharedHandle, attached: number, many: number): boolean {
  const state = Atomics.load(words, ATTACHED);
  const isMany = (state & many) !== 0;
  if (!isMany) requireFree(state, side, attached);
  // First the roster: a thread that dies before the next step is known to have the side.
  enter(words, side, thisThread);
  const before = Atomics.or(words, ATTACHED, attached);
  if (!isMany && (before & attached) !== 0) {
    leave(words, side, thisThread); // Another thread has attached it meanwhile.
    requireFree(before, side, attached);
  }
  if (lock !== undefined) {
    // Held for ever: when the thread dies, the platform gives it to a thread that supervises.
    void locks?.request(lockOf(lock, thisThread), { mode: "shared" }, () => {
      markLocked(words, side, thisThread);
      Atomics.add(words, LOCKS, 1);
      Atomics.notify(words, LOCKS);
      return new Promise<never>(() => {});
    });
  }
  return isMany;
}

/** @throws {TypeError} If a side for one thread was attached before. */
function requireFree(state: number, side: Side, attached: number): void {
  if ((state & attached) === 0) return;
  throw new TypeError(
    `Cannot attach the ${side} as it was attached before: make the pipe with ${side}s: "many" to have more than one`,
  );
}

function manyOf(name: string, value: unknown, bit: number): number {
  if (value === undefined || value === "one") return 0;
  if (value === "many") return bit;
  throw new TypeError(`${name} must be "one" or "many"; got ${describe(value)}`);
}

/** Closes the writer with the reason of the signal when it is aborted, and listens no longer than that can change anything. */
function failWith(signal: Abortable, words: Int32Array): void {
  const closed = WRITER_CLOSED | READER_CLOSED;
  const listener = {
    handleEvent(): void {
      if ((Atomics.load(words, STATE) & closed) !== 0) return;
      writeError(words, "writer", signal.reason);
      close(words, FAILED, closed);
    },
  };
  if (signal.aborted) return listener.handleEvent();
  listen(signal, listener);
  const watch = (): void => {
    for (;;) {
      const state = Atomics.load(words, STATE);
      if ((state & closed) !== 0) return unlisten(signal, listener);
      if (sleepAsync(words, STATE, state, watch)) return;
    }
  };
  watch();
}
