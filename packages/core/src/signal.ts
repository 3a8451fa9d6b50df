import { describe } from "./value.ts";

/** The used members of `AbortSignal`, so that this package compiles without the platform's declarations. */
export interface Abortable {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: AbortListener): void;
  removeEventListener(type: "abort", listener: AbortListener): void;
}

/** A listener object. `EventTarget` accepts one in place of a function, which saves a closure for each call. */
export interface AbortListener {
  handleEvent(): void;
}

/**
 * Checks a signal that a caller passed.
 *
 * @throws {TypeError} If `signal` is not an `AbortSignal`.
 */
export function abortable(signal: AbortSignal): Abortable {
  const candidate = signal as Partial<Abortable> | null;
  if (
    typeof candidate !== "object" ||
    typeof candidate?.aborted !== "boolean" ||
    typeof candidate.addEventListener !== "function"
  ) {
    throw new TypeError(`signal must be an AbortSignal; got ${describe(signal)}`);
  }
  return candidate as Abortable;
}

/**
 * All listeners of one signal, behind a single listener on the signal itself (PIPE-067). Some versions of Node print a
 * `MaxListenersExceededWarning` at the eleventh listener, and programs often use one signal for everything.
 */
class Listeners implements AbortListener {
  readonly #signal: Abortable;
  readonly #listeners: Set<AbortListener> = new Set();

  constructor(signal: Abortable) {
    this.#signal = signal;
  }

  add(listener: AbortListener): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener("abort", this);
    this.#listeners.add(listener);
  }

  delete(listener: AbortListener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) {
      this.#signal.removeEventListener("abort", this);
    }
  }

  handleEvent(): void {
    // A listener may remove itself or others during the loop, which the iteration of a Set allows.
    for (const listener of this.#listeners) {
      try {
        listener.handleEvent();
      } catch (error) {
        void Promise.reject(error); // Reported as an unhandled rejection, so that the other listeners still run.
      }
    }
  }
}

const shared = new WeakMap<Abortable, Listeners>();

/** Calls `listener` when `signal` aborts. Every package of the family uses this function, so a signal gets one listener. */
export function listen(signal: Abortable, listener: AbortListener): void {
  let listeners = shared.get(signal);
  if (listeners === undefined) {
    listeners = new Listeners(signal);
    shared.set(signal, listeners);
  }
  listeners.add(listener);
}

/** Removes `listener` from `signal`. Does nothing if it is not registered. */
export function unlisten(signal: Abortable, listener: AbortListener): void {
  shared.get(signal)?.delete(listener);
}
