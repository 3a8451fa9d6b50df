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
   * `"many"` allows the handle to be attached any number of times, in any threads. Their writes are accepted one whole call
   * at a time, so they do not interleave.
   *
   * @default {"one"}
   */
  readonly writers?: "one" | "many" | undefined;
  /**
   * The same for readers. Their reads are served one whole call at a time.
   *
   * @default {"one"}
   */
  readonly readers?: "one" | "many" | undefined;
  /**
   * Aborting it has the effect of `writer.closeWithError(signal.reason)`, in whichever thread the writer is attached. It has
   * no effect once the reader is closed.
   */
  readonly signal?: AbortSignal | undefined;
}

/** The handles of the two ends of a pipe between threads. */
export interface SharedPipeHandles {
  readonly readerHandle: SharedHandle<"reader">;
  readonly writerHandle: SharedHandle<"writer">;
}

/**
 * Makes a pipe between threads. It takes 1.5 KiB of shared memory and has a capacity of 512 bytes. It corresponds to Go's
 * `io.Pipe` between goroutines, except that Go's pipe has no buffer.
 *
 * The two handles are plain values. Send each to the thread that uses the end, and attach it there. A handle may also be
 * attached in this thread.
 *
 * @example
 * ```ts
 * const { readerHandle, writerHandle } = sharedPipe();
 * new Worker(new URL("./worker.js", import.meta.url), { workerData: writerHandle });
 * const reader = attachReader(readerHandle);
 * ```
 *
 * @throws {TypeError} If `SharedArrayBuffer` is not available.
 * @throws {TypeError} If `writers` or `readers` is neither `"one"` nor `"many"`, or `signal` is not an `AbortSignal`.
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
 * @throws {TypeError} If `handle` is not the `writerHandle` of a pipe.
 * @throws {TypeError} If it is already attached, and the pipe was made without `writers: "many"`.
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
 * @throws {TypeError} If `handle` is not the `readerHandle` of a pipe.
 * @throws {TypeError} If it is already attached, and the pipe was made without `readers: "many"`.
 */
export function attachReader(handle: SharedHandle<"reader">): SharedReader {
  const memory = memoryOf(handle, "reader");
  const reader = attach(memory, handle, READER_ATTACHED, MANY_READERS)
    ? new SharedReader(memory, READER_MUTEX, attachedHere(memory.words, "reader"))
    : new SharedReader(memory, 0);
  converted(reader, "attachReader", attachReader);
  return reader;
}

/** Records that this thread has attached the side. Returns whether other threads may attach it too. */
function attach({ words }: Memory, { side, lock }: SharedHandle, attached: number, many: number): boolean {
  const state = Atomics.load(words, ATTACHED);
  const isMany = (state & many) !== 0;
  if (!isMany) requireFree(state, side, attached);
  // The roster comes first, so that the thread is listed even if it dies before the next step.
  enter(words, side, thisThread);
  const before = Atomics.or(words, ATTACHED, attached);
  if (!isMany && (before & attached) !== 0) {
    leave(words, side, thisThread); // Another thread attached the side after the check above.
    requireFree(before, side, attached);
  }
  if (lock !== undefined) {
    // Never released: when the thread dies, the platform grants the lock to a supervising thread.
    void locks?.request(lockOf(lock, thisThread), { mode: "shared" }, () => {
      markLocked(words, side, thisThread);
      Atomics.add(words, LOCKS, 1);
      Atomics.notify(words, LOCKS);
      return new Promise<never>(() => {});
    });
  }
  return isMany;
}

/** @throws {TypeError} If the side is already attached. */
function requireFree(state: number, side: Side, attached: number): void {
  if ((state & attached) === 0) return;
  throw new TypeError(
    `Cannot attach the ${side}: it was already attached; make the pipe with ${side}s: "many" to attach it more than once`,
  );
}

function manyOf(name: string, value: unknown, bit: number): number {
  if (value === undefined || value === "one") return 0;
  if (value === "many") return bit;
  throw new TypeError(`${name} must be "one" or "many"; got ${describe(value)}`);
}

/** Closes the writer with the reason of `signal` when it aborts. Stops listening when a side is closed. */
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
