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

/** The used members of a worker of `node:worker_threads`. */
interface NodeWorker {
  once(event: "exit", listener: (code: number) => void): unknown;
  off(event: "exit", listener: (code: number) => void): unknown;
}

/** The used members of a web worker. Bun emits `close` when it ends; browsers emit only `error`. */
interface WebWorker {
  addEventListener(event: "close" | "error", listener: () => void): unknown;
  removeEventListener(event: "close" | "error", listener: () => void): unknown;
}

/** A worker that {@link supervise} accepts. */
export type Supervised = NodeWorker | WebWorker;

/**
 * Supervises a worker to which an end was sent. If its thread dies with the end attached, the other side does not wait
 * forever: it gets the accepted bytes, then its calls reject with an `AbandonedPipeError`. The error that ended the worker
 * is the `cause`. Call it in the thread that made the worker, as soon as the worker is made.
 *
 * The pipe does not fail if the worker ends without an error before it attached the end, or after it closed or detached it.
 * On a side of `"many"`, the same holds for a worker that exits with code 0 and has no pending call. If a worker of such a
 * side dies in another way, the side fails for all threads, because its last call may be incomplete.
 *
 * In Node, Bun and Deno, a worker reports its own end after an uncaught error, after `process.exit()`, or when no work is
 * left. The termination of a worker is detected by the event loop of the supervising thread. While that is busy or blocked,
 * the other side waits.
 *
 * In browsers the death is detected through a Web Lock. The worker acquires the lock in the next iteration of its event loop
 * after it attached the end. If it blocks before that, its death is not detected, so it should `await` something first.
 *
 * @returns A function that ends the supervision, to be called when the worker no longer uses the end.
 * @throws {TypeError} If `worker` is not a worker.
 * @throws {TypeError} If `handle` is not a handle of a pipe.
 * @throws {TypeError} If `worker` is a web worker of Deno, which emits no event when it ends.
 */
export function supervise(worker: Supervised, handle: SharedHandle): () => void {
  const supervision = new Supervision(worker, handle);
  if ("once" in Object(worker)) return supervision.watchExit(worker as NodeWorker);
  // The end of a web worker of Deno cannot be detected, by an event or by a lock, so the other side could wait forever.
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
    this.#thread = numberOf((Object(worker) as { threadId?: unknown }).threadId); // Read now, because it changes when the worker ends.
  }

  watchExit(worker: NodeWorker): () => void {
    const emitter = worker as unknown as Record<"once" | "off", (event: unknown, listener: unknown) => void>;
    // An ordinary `error` listener would count as handling the error, which may have to end the process.
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
      // On a side of "many" the error is relevant only if the worker could not attach. An attached worker reports it itself.
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

  /** Requests the Web Lock of each thread that has attached the side. The platform grants it when that thread is dead. */
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
          // The request rejects when the supervision is ended.
          locks?.request(lockOf(lock, thread), { signal: stop.signal }, onDeath).catch(() => {});
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

  /** Whether a side of `"one"` is attached but its thread is not on the roster: it may have died in between. */
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
