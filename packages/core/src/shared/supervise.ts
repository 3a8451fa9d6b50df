import { abortController } from "../platform.ts";
import { describe } from "../value.ts";
import {
  ATTACHED,
  LOST,
  READER_CLOSED,
  READER_LOCKED,
  READER_MUTEX,
  READER_SHIFT,
  WRITER_CLOSED,
  WRITER_LOCKED,
  WRITER_MUTEX,
} from "./layout.ts";
import { breakLock } from "./lock.ts";
import { memoryOf, type SharedHandle } from "./memory.ts";
import { locks, platform, sleepAsync } from "./platform.ts";
import { close } from "./protocol.ts";

/** What is used of a worker: that of `node:worker_threads`, or the web's. The first tells when it has ended, and so does Bun's of the second kind. */
export type Supervised =
  | { once(event: "exit", listener: () => void): unknown; off(event: "exit", listener: () => void): unknown }
  | {
      addEventListener(event: "close", listener: () => void): unknown;
      removeEventListener(event: "close", listener: () => void): unknown;
    };

/**
 * Watches over an end that was sent to `worker`: when its thread dies without having closed it, the other side gets the bytes that were written, and
 * then an `AbandonedPipeError`, instead of waiting for ever. Call it in the thread that made the worker, as soon as it is made. The event loop of that
 * thread must run for the notice to come: while it is busy, or blocks, the other side waits for it, in whatever thread that is. Where many threads have the
 * side, one that dies takes it from all of them, since its last call may be half done.
 *
 * In browsers, which do not tell that a worker has ended, it is known through Web Locks, once the worker has attached the end and its event loop has
 * turned: one that blocks at once, and for ever, is not seen to die. Let it `await` something first.
 *
 * @returns Ends the watch; to be called when the worker has done its part.
 * @throws {TypeError} If `worker` is no worker, or `handle` no handle; or if `worker` is a web worker of Deno, which does not tell that it has ended.
 */
export function supervise(worker: Supervised, handle: SharedHandle): () => void {
  const { side, lock } = Object(handle) as SharedHandle;
  const isWriter = side === "writer";
  const { words } = memoryOf(handle, isWriter ? side : "reader");
  const onDeath = (): void => {
    close(words, isWriter ? LOST : LOST << READER_SHIFT, isWriter ? WRITER_CLOSED : READER_CLOSED);
    breakLock(words, isWriter ? WRITER_MUTEX : READER_MUTEX);
  };
  if ("once" in Object(worker)) {
    const emitter = worker as Extract<Supervised, { once: unknown }>;
    emitter.once("exit", onDeath);
    return () => void emitter.off("exit", onDeath);
  }
  // Deno's web workers do not tell that they have ended, by no event and no lock. To wait for that in silence would be to wait for ever.
  if (!("addEventListener" in Object(worker)) || platform.Deno !== undefined) {
    throw new TypeError(
      `Cannot supervise ${describe(worker)}: give the Worker that the handle was sent to, in Deno one of node:worker_threads`,
    );
  }
  const target = worker as Extract<Supervised, { addEventListener: unknown }>;
  const stop = abortController();
  target.addEventListener("close", onDeath);
  if (lock !== undefined)
    whenLocked(words, isWriter ? WRITER_LOCKED : READER_LOCKED, () => {
      locks?.request(lock, { signal: stop.signal }, onDeath).catch(() => {}); // It is refused when the watch is ended.
    });
  return () => {
    target.removeEventListener("close", onDeath);
    stop.abort(undefined);
  };
}

/** Calls `then` once the end is attached and its thread holds the lock that dies with it. */
function whenLocked(words: Int32Array, locked: number, then: () => void): void {
  for (;;) {
    const attached = Atomics.load(words, ATTACHED);
    if ((attached & locked) !== 0) return then();
    if (sleepAsync(words, ATTACHED, attached, () => whenLocked(words, locked, then))) return;
  }
}
