// What threads need of the platform, by the little of it that is used, as in ../platform.ts.

/** What is used of Web Locks. */
export interface Locks {
  request(
    name: string,
    options: { mode?: "shared"; signal?: AbortSignal },
    callback: () => unknown,
  ): Promise<unknown>;
}

/** What is used of the process that a thread of Node, Bun or Deno sees as its own. */
interface Process {
  getBuiltinModule?(name: "node:os"): { availableParallelism?(): number } | undefined;
  getBuiltinModule?(name: "node:events"): { readonly errorMonitor?: symbol } | undefined;
  getBuiltinModule?(
    name: "node:worker_threads",
  ): { readonly threadId?: number; readonly isMainThread?: boolean } | undefined;
  on?(event: "exit", listener: (code: number) => void): unknown;
  on?(event: "newListener", listener: (event: string | symbol) => void): unknown;
  on?(event: "uncaughtExceptionMonitor", listener: (error: unknown) => void): unknown;
  off?(event: "exit", listener: (code: number) => void): unknown;
}

/** What is used of the event that tells a worker of its own error. */
export interface ErrorEvent {
  readonly defaultPrevented: boolean;
  readonly error?: unknown;
  readonly message?: string;
}

interface Platform {
  /** There only in Deno. */
  readonly Deno?: object;
  readonly performance: { now(): number };
  readonly navigator?: { readonly hardwareConcurrency?: number; readonly locks?: Locks };
  readonly process?: Process;
  /** Only in a worker of a browser, and in web workers elsewhere. */
  readonly WorkerGlobalScope?: unknown;
  addEventListener?(event: "error", listener: (event: ErrorEvent) => void): void;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(callback: () => void, ms: number): unknown;
  clearInterval(timer: unknown): void;
}

export const platform: Platform = globalThis as unknown as Platform;

/** What is used of newer members of `Atomics`. */
interface NewAtomics {
  waitAsync?(
    words: Int32Array,
    index: number,
    value: number,
  ): { async: false } | { async: true; value: Promise<unknown> };
  pause?(): void;
}

const atomics: typeof Atomics & NewAtomics = Atomics;

/** Tells the processor that this thread spins, where the platform has a way to say so. */
export const relax: (() => void) | undefined = atomics.pause && (() => atomics.pause?.());

/** Where a dying thread takes its Web Locks with it. Node has them, too, and forgets the requests that wait. */
export const locks: Locks | undefined =
  platform.process === undefined ? platform.navigator?.locks : undefined;

/**
 * Calls `wake` once `words[index]` is notified, in a later turn or microtask. Returns false, and never calls it, where the word has
 * not this value any more.
 */
export function sleepAsync(words: Int32Array, index: number, value: number, wake: () => void): boolean {
  const sleep = atomics.waitAsync?.(words, index, value);
  if (sleep !== undefined) {
    if (sleep.async) void sleep.value.then(wake);
    return sleep.async;
  }
  // Firefox before 145 can only look again and again.
  if (Atomics.load(words, index) !== value) return false;
  const look = (): void => {
    if (Atomics.load(words, index) === value) platform.setTimeout(look, 1);
    else wake();
  };
  platform.setTimeout(look, 1);
  return true;
}

/** The longest timer there is, in milliseconds. */
export const LONGEST_MS: number = 2 ** 31 - 1;

/** Keeps the process alive, which a wait on shared memory does not do, until the function that it returns is called. */
export function stayAlive(): () => void {
  const timer = platform.setInterval(() => {}, LONGEST_MS);
  return () => platform.clearInterval(timer);
}

/** Whether this thread may block. The platform says so before it looks at the value. */
export function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processors that this process may use. With one, whoever spins keeps from running what it waits for. */
export function processors(): number {
  const { navigator, process } = platform;
  return (
    navigator?.hardwareConcurrency ?? process?.getBuiltinModule?.("node:os")?.availableParallelism?.() ?? 2
  );
}
