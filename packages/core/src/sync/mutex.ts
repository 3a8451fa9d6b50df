import { abortable, type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { WaitOptions } from "../types.ts";
import { Waiter, Waiters, wake } from "./waiters.ts";

/**
 * Mutual exclusion for critical sections that span an `await`.
 *
 * At each `await` of an async function, other code may run, and may see or change state that the function has only partly
 * updated. Code that holds the mutex excludes all other code that locks it. A section without an `await` needs no mutex.
 *
 * Waiting calls acquire the mutex in the order of the calls; a later call never overtakes an earlier one. (In Go's
 * `sync.Mutex` a new call may overtake waiting ones for up to 1 ms.) The mutex is not re-entrant: a function that locks it
 * twice waits forever.
 *
 * @example
 * ```ts
 * const mutex = new Mutex();
 * const guard = await mutex.lock();
 * try {
 *   await appendToFile(line); // No other caller appends at the same time.
 * } finally {
 *   guard.unlock();
 * }
 * ```
 */
export class Mutex {
  /** Changed by {@link enter} and {@link leave}. */
  #locked = false;
  /** Waiting calls, in order. */
  readonly #waiters: Waiters = new Waiters();

  /** Whether the mutex is held now. */
  get locked(): boolean {
    return this.#locked;
  }

  /**
   * Acquires the mutex and resolves with the guard that holds it.
   *
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted before the mutex is acquired. The other waiting calls keep
   * their order.
   */
  lock(options?: WaitOptions): Promise<Guard> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal === undefined ? undefined : abortable(options.signal);
      if (signal?.aborted) throw signal.reason;
      const waiter = new LockWaiter(this, signal, resolve, reject);
      if (this.enter(waiter)) waiter.resume();
    });
  }

  /** Acquires the mutex if it is free. Returns the guard, or `null` if {@link lock} would wait. */
  tryLock(): Guard | null {
    return this.enter(undefined) ? new Guard(this) : null;
  }

  /**
   * Acquires the mutex if it is free, else queues `waiter`, which is woken once it holds the mutex.
   *
   * @returns Whether the mutex was free.
   * @internal
   */
  enter(waiter: Waiter | undefined): boolean {
    if (this.#locked) {
      if (waiter !== undefined) this.#waiters.add(waiter);
      return false;
    }
    this.#locked = true;
    return true;
  }

  /**
   * Releases the mutex.
   *
   * @internal
   */
  leave(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#locked = false;
    else wake(next); // The mutex stays locked and passes directly to the next waiter, so that no later call overtakes it.
  }

  /**
   * The waiter that acquires the mutex next.
   *
   * @internal
   */
  get first(): Waiter | undefined {
    return this.#waiters.first;
  }
}

/** Holds a {@link Mutex} until {@link unlock} is called. After that, it has no effect on the mutex. */
export class Guard {
  readonly #mutex: Mutex;
  /** Cleared by {@link unlock}, which a condition also calls for the time of a wait. */
  #held = true;

  /** @internal */
  constructor(mutex: Mutex) {
    this.#mutex = mutex;
  }

  /** Whether this guard holds the mutex now. */
  get held(): boolean {
    return this.#held;
  }

  /** Releases the mutex. The call that has waited longest acquires it. A second call has no effect. */
  unlock(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#mutex.leave();
  }

  /** Calls {@link unlock}, for `using`. */
  [Symbol.dispose](): void {
    this.unlock();
  }

  /**
   * Queues `waiter` for this guard's mutex again, as {@link Mutex.enter}.
   *
   * @internal
   */
  reenter(waiter: Waiter): boolean {
    return this.#mutex.enter(waiter);
  }

  /**
   * Records that this guard holds the mutex again.
   *
   * @internal
   */
  regain(): void {
    this.#held = true;
  }
}

/** A waiting call of {@link Mutex.lock}. */
class LockWaiter extends Waiter implements AbortListener {
  readonly #mutex: Mutex;
  readonly #signal: Abortable | undefined;
  readonly #resolve: (guard: Guard) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(
    mutex: Mutex,
    signal: Abortable | undefined,
    resolve: (guard: Guard) => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.#mutex = mutex;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal !== undefined) listen(signal, this);
  }

  resume(): void {
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#resolve(new Guard(this.#mutex));
  }

  handleEvent(): void {
    if (this.queue === undefined) return;
    this.queue.remove(this);
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#reject(this.#signal?.reason);
  }
}
