// Saved at load, so that a test that replaces the global affects only the code under test.
const { setImmediate } = globalThis;

/** Runs everything that can run without a timer or I/O. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A started operation, and its state. */
export interface Watched<T = unknown> {
  state: "pending" | "fulfilled" | "rejected";
  value?: T;
  reason?: unknown;
  /** The number of calls of a callback. */
  calls: number;
}

/** Follows `promise`. Its rejection counts as handled. */
export function watch<T>(promise: PromiseLike<T>): Watched<T> {
  const watched: Watched<T> = { state: "pending", calls: 0 };
  promise.then(
    (value) => Object.assign(watched, { state: "fulfilled", value, calls: 1 }),
    (reason: unknown) => Object.assign(watched, { state: "rejected", reason, calls: 1 }),
  );
  return watched;
}

/** Follows the calls of a callback. */
export function callback(): Watched & { readonly call: (error?: unknown) => void } {
  const watched: Watched & { call: (error?: unknown) => void } = {
    state: "pending",
    calls: 0,
    call: (error) => {
      watched.calls += 1;
      watched.state = error ? "rejected" : "fulfilled";
      watched.reason = error;
    },
  };
  return watched;
}

/** Whether `promise` is still pending after everything that can run has run. */
export async function pending(promise: PromiseLike<unknown>): Promise<boolean> {
  const watched = watch(promise);
  await settle();
  return watched.state === "pending";
}

/**
 * Returns the value that `promise` rejects with.
 *
 * @throws {Error} If it fulfils.
 */
export function rejection(promise: PromiseLike<unknown>): Promise<any> {
  return Promise.resolve(promise).then(
    (value) => {
      throw new Error(`Expected a rejection, and it fulfilled with ${String(value)}`);
    },
    (reason: unknown) => reason,
  );
}

/**
 * Returns the uncaught exceptions and unhandled rejections during `work`. The listeners of the test runner are removed
 * meanwhile.
 */
export async function stray(work: () => unknown): Promise<unknown[]> {
  const events = ["unhandledRejection", "uncaughtException"] as const;
  const strays: unknown[] = [];
  const collect = (reason: unknown): void => {
    strays.push(reason);
  };
  const listeners = events.map((event) => process.listeners(event as "uncaughtException"));
  for (const event of events) process.removeAllListeners(event).on(event, collect);
  try {
    await work();
    await settle();
  } finally {
    events.forEach((event, index) => {
      process.removeAllListeners(event);
      for (const listener of listeners[index] ?? []) process.on(event, listener);
    });
  }
  return strays;
}
