/** The state of a promise, without waiting for it. */
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
 * The value that `promise` rejects with. It may be any value, also `undefined`.
 *
 * @throws {Error} If it fulfils.
 */
export function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(promise).then(
    (value) => {
      throw new Error(`Expected a rejection; it fulfilled with ${String(value)}`);
    },
    (reason: unknown) => reason,
  );
}

/**
 * The value that `call` throws. It may be any value, also `undefined`.
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
  throw new Error(`Expected a throw; it returned ${String(value)}`);
}
