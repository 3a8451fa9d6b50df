import type { Failure } from "../pipe/operation.ts";
import { platform } from "./platform.ts";
import { UNKNOWN_THREAD } from "./roster.ts";

/** Greater than the thread numbers that platforms assign. */
const FIRST_RANDOM = 2 ** 20;
const RANDOM_NUMBERS = 2 ** 26;

const own = platform.process?.getBuiltinModule?.("node:worker_threads");

/** Returns the number of a thread in the roster, given the `threadId` of its platform. */
export function numberOf(threadId: unknown): number {
  return typeof threadId === "number" ? UNKNOWN_THREAD + 1 + threadId : UNKNOWN_THREAD;
}

/** The number of this thread. In browsers, where threads have no number, it is random. */
export const thisThread: number =
  platform.process === undefined
    ? FIRST_RANDOM + Math.floor(Math.random() * RANDOM_NUMBERS)
    : numberOf(own?.threadId);

/** The name of a thread of the roster, for messages. */
export function nameOfThread(thread: number): string {
  if (thread === UNKNOWN_THREAD || thread >= FIRST_RANDOM) return "another thread";
  const threadId = thread - UNKNOWN_THREAD - 1;
  return threadId === 0 ? "the main thread" : `thread ${threadId}`;
}

/** The name of this thread, for messages. In browsers threads have no number. */
export const ownThreadName: string =
  platform.process !== undefined && thisThread !== UNKNOWN_THREAD
    ? nameOfThread(thisThread)
    : platform.WorkerGlobalScope === undefined
      ? "the main thread"
      : "a worker";

/** The end of a thread that can still run code. */
export interface Ending {
  readonly code: number;
  /** The uncaught error that ends it, if any. */
  readonly error: Failure | undefined;
}

/**
 * Calls `listener` when this worker ends: after an uncaught error, after `process.exit()`, or because no work is left. It is
 * not called for a thread that is terminated, or for the main thread. In browsers it is called after an uncaught error, which
 * does not end a worker there.
 */
export function whenThreadEnds(listener: (ending: Ending) => void): void {
  const { process } = platform;
  /** An uncaught error that counts only if the exit code is not 0, because a listener may have handled it. */
  let monitored: Failure | undefined;
  /** An uncaught error that counts in any case. */
  let unhandled: Failure | undefined;
  if (own?.isMainThread === false || platform.WorkerGlobalScope !== undefined) {
    platform.addEventListener?.("error", ({ defaultPrevented, error, message }) => {
      if (defaultPrevented) return;
      unhandled = { reason: error ?? new Error(message) };
      if (process === undefined) listener({ code: 1, error: unhandled });
    });
  }
  if (own?.isMainThread !== false || process?.on === undefined) return;
  process.on("uncaughtExceptionMonitor", (error) => {
    monitored = { reason: error };
  });
  const onExit = (code: number): void => {
    listener({ code, error: unhandled ?? (code === 0 ? undefined : monitored) });
  };
  // Other `exit` listeners may still close an end, so this one must run last.
  const stayLast = (): void => {
    process.off?.("exit", onExit);
    isMoving = true;
    process.on?.("exit", onExit);
    isMoving = false;
  };
  let isMoving = false;
  stayLast();
  process.on("newListener", (event) => {
    if (event === "exit" && !isMoving) void Promise.resolve().then(stayLast);
  });
}
