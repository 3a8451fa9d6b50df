// Taken at load, so that a test which replaces the global replaces it for the code under test alone.
const { setImmediate } = globalThis;

/** Lets everything happen that can happen without a timer or the outside world. */
export async function settle(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Something that was started, and how it stands now. */
export interface Watched<T = unknown> {
  state: "pending" | "fulfilled" | "rejected";
  value?: T;
  reason?: unknown;
  /** How often a callback was called. */
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

/** Follows what is told to a callback. */
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

/** Whether `promise` is still pending once everything has happened that can. */
export async function pending(promise: PromiseLike<unknown>): Promise<boolean> {
  const watched = watch(promise);
  await settle();
  return watched.state === "pending";
}

/**
 * What `promise` rejects with, which may be any value.
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

/** What goes uncaught and unhandled while `work` runs. The test runner's own listeners stand aside. */
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
