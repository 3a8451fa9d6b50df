import type { Failure } from "../pipe/operation.ts";
import { platform } from "./platform.ts";
import { UNKNOWN_THREAD } from "./roster.ts";

/** Above the numbers that platforms give their threads. */
const FIRST_RANDOM = 2 ** 20;
const RANDOM_NUMBERS = 2 ** 26;

const own = platform.process?.getBuiltinModule?.("node:worker_threads");

/** The number of a thread in the roster, from the number that its platform gave it. */
export function numberOf(threadId: unknown): number {
  return typeof threadId === "number" ? UNKNOWN_THREAD + 1 + threadId : UNKNOWN_THREAD;
}

/** The number of this thread. In browsers, where threads have none, it makes one up. */
export const thisThread: number =
  platform.process === undefined
    ? FIRST_RANDOM + Math.floor(Math.random() * RANDOM_NUMBERS)
    : numberOf(own?.threadId);

/** What people call a thread of the roster. */
export function nameOfThread(thread: number): string {
  if (thread === UNKNOWN_THREAD || thread >= FIRST_RANDOM) return "another thread";
  const threadId = thread - UNKNOWN_THREAD - 1;
  return threadId === 0 ? "the main thread" : `thread ${threadId}`;
}

/** What people call this thread. Browsers give threads no number. */
export const ownThreadName: string =
  platform.process !== undefined && thisThread !== UNKNOWN_THREAD
    ? nameOfThread(thisThread)
    : platform.WorkerGlobalScope === undefined
      ? "the main thread"
      : "a worker";

/** How a thread ends that can still say so. */
export interface Ending {
  readonly code: number;
  /** What it threw, if that is what ends it. */
  readonly error: Failure | undefined;
}

/**
 * Calls `listener` when this thread ends because it threw, called `process.exit()` or has nothing more to do, as long as it is a worker. A thread that is
 * terminated says nothing. In browsers it is called when the worker throws, which ends no worker there.
 */
export function whenThreadEnds(listener: (ending: Ending) => void): void {
  const { process } = platform;
  /** What ends the thread if its exit code says so, and what ends it in any case. */
  let monitored: Failure | undefined;
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
  // Listeners that come later may still close an end, so this one has to stay the last.
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
