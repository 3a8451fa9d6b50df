// The platform APIs that threads use, declared as in ../platform.ts.

/** The used member of Web Locks. */
export interface Locks {
  request(
    name: string,
    options: { mode?: "shared"; signal?: AbortSignal },
    callback: () => unknown,
  ): Promise<unknown>;
}

/** The used members of `process` in a thread of Node, Bun or Deno. */
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

/** The used members of the `error` event that a worker receives for its own uncaught error. */
export interface ErrorEvent {
  readonly defaultPrevented: boolean;
  readonly error?: unknown;
  readonly message?: string;
}

interface Platform {
  /** Only in Deno. */
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

/** Newer members of `Atomics`, which may be missing. */
interface NewAtomics {
  waitAsync?(
    words: Int32Array,
    index: number,
    value: number,
  ): { async: false } | { async: true; value: Promise<unknown> };
  pause?(): void;
}

const atomics: typeof Atomics & NewAtomics = Atomics;

/** Calls `Atomics.pause()`, which hints to the processor that this thread spins. `undefined` if it is not available. */
export const relax: (() => void) | undefined = atomics.pause && (() => atomics.pause?.());

/** Web Locks of a browser, which are released when a thread dies. Those of Node are not used, as it drops pending requests. */
export const locks: Locks | undefined =
  platform.process === undefined ? platform.navigator?.locks : undefined;

/**
 * Calls `wake`, always asynchronously, once `words[index]` is notified. Returns false and does not call it if the word no
 * longer has this value.
 */
export function sleepAsync(words: Int32Array, index: number, value: number, wake: () => void): boolean {
  const sleep = atomics.waitAsync?.(words, index, value);
  if (sleep !== undefined) {
    if (sleep.async) void sleep.value.then(wake);
    return sleep.async;
  }
  // Firefox before 145 has no `Atomics.waitAsync`, so it polls.
  if (Atomics.load(words, index) !== value) return false;
  const look = (): void => {
    if (Atomics.load(words, index) === value) platform.setTimeout(look, 1);
    else wake();
  };
  platform.setTimeout(look, 1);
  return true;
}

/** The longest delay of a timer, in milliseconds. */
export const LONGEST_MS: number = 2 ** 31 - 1;

/** Keeps the process alive until the returned function is called. `Atomics.waitAsync` does not keep it alive. */
export function stayAlive(): () => void {
  const timer = platform.setInterval(() => {}, LONGEST_MS);
  return () => platform.clearInterval(timer);
}

/** Whether this thread may block. Where it must not, `Atomics.wait` throws before it compares the value. */
export function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Number of processors that this process may use. With one, a spinning thread delays the thread that it waits for. */
export function processors(): number {
  const { navigator, process } = platform;
  return (
    navigator?.hardwareConcurrency ?? process?.getBuiltinModule?.("node:os")?.availableParallelism?.() ?? 2
  );
}
