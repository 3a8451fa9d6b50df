import type { Side } from "../errors.ts";
import type { Failure } from "../pipe/operation.ts";
import { abortController } from "../platform.ts";
import { describe } from "../value.ts";
import { ATTACHED, LOCKS, MANY_READERS, MANY_WRITERS, READER_ATTACHED, WRITER_ATTACHED } from "./layout.ts";
import { lose } from "./loss.ts";
import { lockOf, memoryOf, type SharedHandle } from "./memory.ts";
import { type ErrorEvent, locks, platform, sleepAsync } from "./platform.ts";
import { leave, lockedThreads, standing, UNKNOWN_THREAD } from "./roster.ts";
import { numberOf } from "./thread.ts";

/** What is used of a worker of `node:worker_threads`. */
interface NodeWorker {
  once(event: "exit", listener: (code: number) => void): unknown;
  off(event: "exit", listener: (code: number) => void): unknown;
}

/** What is used of a web worker. Bun tells of its end; browsers tell of its errors alone. */
interface WebWorker {
  addEventListener(event: "close" | "error", listener: () => void): unknown;
  removeEventListener(event: "close" | "error", listener: () => void): unknown;
}

/** A worker whose end can be found out. */
export type Supervised = NodeWorker | WebWorker;

/**
 * Watches over an end that was sent to `worker`: when its thread dies with the end, the other side gets the bytes that were written, and
 * then an `AbandonedPipeError`, instead of waiting for ever. An error that ended the worker is the `cause` of that. Call it in the thread that made the worker, as soon as it is made.
 *
 * It is no loss if the worker ends without an error before it has attached the end, or after it has closed or detached it. Where many threads have the side, a worker that exits with
 * code 0 and has no call in progress has left. One that dies in any other way takes the side from all of them, since its last call may be half done.
 *
 * A worker that throws, calls `process.exit()` or has nothing more to do says so itself in Node, Bun and Deno. That it was terminated, the event loop of the supervising thread has to find
 * out: while that is busy, or blocks, the other side waits. In browsers it is known through Web Locks, once the worker has attached the end and its event loop has
 * turned: one that blocks at once, and for ever, is not seen to die. Let it `await` something first.
 *
 * @returns Ends the watch; to be called when the worker has done its part.
 * @throws {TypeError} If `worker` is not a worker, or `handle` not a handle; or if `worker` is a web worker of Deno, which does not tell that it has ended.
 */
export function supervise(worker: Supervised, handle: SharedHandle): () => void {
  const supervision = new Supervision(worker, handle);
  if ("once" in Object(worker)) return supervision.watchExit(worker as NodeWorker);
  // Deno's web workers do not tell that they have ended, by no event and no lock. To wait for that in silence would be to wait for ever.
  if ("addEventListener" in Object(worker) && platform.Deno === undefined) {
    return supervision.watchEvents(worker as WebWorker, handle.lock);
  }
  throw new TypeError(
    `worker must be the Worker that the handle was sent to, in Deno one of node:worker_threads; got ${describe(worker)}`,
  );
}

class Supervision {
  readonly #words: Int32Array;
  readonly #side: Side;
  readonly #isMany: boolean;
  readonly #thread: number;

  constructor(worker: Supervised, handle: SharedHandle) {
    const isWriter = Object(handle).side === "writer";
    this.#words = memoryOf(handle, isWriter ? "writer" : "reader").words;
    this.#side = handle.side;
    this.#isMany = (Atomics.load(this.#words, ATTACHED) & (isWriter ? MANY_WRITERS : MANY_READERS)) !== 0;
    this.#thread = numberOf((Object(worker) as { threadId?: unknown }).threadId); // It loses that when it ends.
  }

  watchExit(worker: NodeWorker): () => void {
    const emitter = worker as unknown as Record<"once" | "off", (event: unknown, listener: unknown) => void>;
    // An ordinary listener would keep the error from ending the process where it has no other.
    const monitor = platform.process?.getBuiltinModule?.("node:events")?.errorMonitor;
    let error: Failure | undefined;
    const onError = (reason: unknown): void => {
      error = { reason };
    };
    const onExit = (code: number): void => this.#end(code, error);
    worker.once("exit", onExit);
    if (monitor !== undefined) emitter.once(monitor, onError);
    return () => {
      worker.off("exit", onExit);
      if (monitor !== undefined) emitter.off(monitor, onError);
    };
  }

  watchEvents(worker: WebWorker, lock: string | undefined): () => void {
    const onClose = (): void => this.#end(1, undefined);
    const onError = (event?: ErrorEvent): void => {
      // Where several threads have the side, it may be none of theirs. A worker that has it says so itself.
      if (this.#isMany && standing(this.#words, this.#side, this.#thread) !== "absent") return;
      this.#end(1, {
        reason: event?.error ?? new Error(event?.message ?? "the worker could not be started"),
      });
    };
    const unlock = lock === undefined ? undefined : this.#watchLocks(lock);
    worker.addEventListener("close", onClose);
    worker.addEventListener("error", onError);
    return () => {
      worker.removeEventListener("close", onClose);
      worker.removeEventListener("error", onError);
      unlock?.();
    };
  }

  /** Waits for the lock of each thread that has the side: the platform grants it when the thread is dead. */
  #watchLocks(lock: string): () => void {
    const words = this.#words;
    const stop = abortController();
    let isOver = false;
    const requested = new Set<number>();
    const watch = (): void => {
      for (;;) {
        if (isOver) return;
        const count = Atomics.load(words, LOCKS);
        for (const thread of lockedThreads(words, this.#side)) {
          if (requested.has(thread)) continue;
          requested.add(thread);
          const onDeath = (): void => {
            if (standing(words, this.#side, thread) === "here") lose(words, this.#side, undefined);
          };
          locks?.request(lockOf(lock, thread), { signal: stop.signal }, onDeath).catch(() => {}); // It is refused when the watch is ended.
        }
        if (sleepAsync(words, LOCKS, count, watch)) return;
      }
    };
    watch();
    return () => {
      isOver = true;
      stop.abort(undefined);
    };
  }

  /** Whether a thread has taken the side of one and is not on the roster yet: it may have died in between. */
  get #isHalfAttached(): boolean {
    const attached = this.#side === "writer" ? WRITER_ATTACHED : READER_ATTACHED;
    const isTaken = (Atomics.load(this.#words, ATTACHED) & attached) !== 0;
    return !this.#isMany && isTaken && standing(this.#words, this.#side, UNKNOWN_THREAD) === "absent";
  }

  #end(code: number, error: Failure | undefined): void {
    const stands = standing(this.#words, this.#side, this.#thread);
    if (stands === "left" || (stands === "absent" && error === undefined && !this.#isHalfAttached)) return;
    if (this.#isMany && code === 0 && error === undefined) leave(this.#words, this.#side, this.#thread);
    else lose(this.#words, this.#side, error);
  }
}
