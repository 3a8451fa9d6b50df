import { describe } from "./value.ts";

/** The members of an `AbortSignal` that this package uses. The type itself belongs to the platform. */
export interface Abortable {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: AbortListener): void;
  removeEventListener(type: "abort", listener: AbortListener): void;
}

/** An object as a listener, as EventTarget allows: it costs no closure. */
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
 * The listeners that share one listener of a signal (PIPE-067). Node prints a MaxListenersExceededWarning at the eleventh
 * listener of a signal in some versions, and one signal for a whole program is common.
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
    // A listener may remove itself or others meanwhile: a set's iteration allows that.
    for (const listener of this.#listeners) {
      try {
        listener.handleEvent();
      } catch (error) {
        void Promise.reject(error); // Unhandled on purpose: the other listeners must still run.
      }
    }
  }
}

const shared = new WeakMap<Abortable, Listeners>();

/** Calls `listener` when `signal` aborts. All listeners of one signal share one listener of its own, in every package. */
export function listen(signal: Abortable, listener: AbortListener): void {
  let listeners = shared.get(signal);
  if (listeners === undefined) {
    listeners = new Listeners(signal);
    shared.set(signal, listeners);
  }
  listeners.add(listener);
}

/** Takes `listener` off `signal`. Harmless where it is not registered. */
export function unlisten(signal: Abortable, listener: AbortListener): void {
  shared.get(signal)?.delete(listener);
}
