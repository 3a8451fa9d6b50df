/** A promise that is looked at from outside: how it stands, without waiting for it. */
export interface Watched<T> {
  state: "pending" | "fulfilled" | "rejected";
  value: T | undefined;
  reason: unknown;
}

/** Follows `promise`. Its rejection counts as handled. */
export function watch<T>(promise: PromiseLike<T>): Watched<T> {
  const watched: Watched<T> = { state: "pending", value: undefined, reason: undefined };
  promise.then(
    (value) => {
      watched.state = "fulfilled";
      watched.value = value;
    },
    (reason: unknown) => {
      watched.state = "rejected";
      watched.reason = reason;
    },
  );
  return watched;
}

/**
 * What `promise` rejects with, which may be any value, `undefined` too.
 *
 * @throws {Error} If it fulfils.
 */
export function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(promise).then(
    (value) => {
      throw new Error(`Expected a rejection, and it fulfilled with ${String(value)}`);
    },
    (reason: unknown) => reason,
  );
}

/**
 * What `call` throws, which may be any value, `undefined` too.
 *
 * @throws {Error} If it returns.
 */
export function thrown(call: () => unknown): unknown {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a throw, and it returned ${String(value)}`);
}
