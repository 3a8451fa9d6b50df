import { requireInteger } from "../options.ts";
import { abortable, type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { WaitOptions } from "../types.ts";
import { describe } from "../value.ts";
import type { Guard } from "./mutex.ts";
import { Waiter, Waiters, wake } from "./waiters.ts";

/**
 * A condition variable. A caller that holds a mutex waits here until another caller notifies it of a change; the mutex is
 * released during the wait.
 *
 * After a notification the predicate may be false again, because another caller acquired the mutex first. Therefore wait
 * in a loop, or use {@link waitFor}:
 *
 * ```ts
 * const guard = await mutex.lock();
 * while (!predicate()) await condition.wait(guard);
 * // The predicate is true, and the mutex is held.
 * guard.unlock();
 * ```
 *
 * Code that changes the state that the predicate reads must then call {@link notify} or {@link notifyAll}. It need not hold
 * the mutex for that call. The semantics are those of Go's `sync.Cond`, except that each wait names its mutex.
 */
export class Condition {
  /** Waiting calls, in order. {@link park} adds one; {@link notify} or an abort removes it. */
  readonly #waiters: Waiters = new Waiters();

  /**
   * Releases the guard's mutex, waits for a notification, and acquires the mutex again. The mutex is held when the promise
   * settles, also if it rejects.
   *
   * An abort after the notification has no effect, so that the notification is not lost.
   *
   * @throws {TypeError} If `guard` does not hold its mutex.
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is aborted before the notification.
   */
  wait(guard: Guard, options?: WaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal === undefined ? undefined : abortable(options.signal);
      if (!guard.held) {
        throw notHeld();
      }
      if (signal?.aborted) throw signal.reason;
      this.park(new ConditionWaiter(guard, signal, resolve, reject));
      guard.unlock(); // Only after parking, so that no notification is missed.
    });
  }

  /**
   * Waits until `predicate` returns true. The predicate is called at once and after each notification, with the mutex held.
   * The mutex is held when the promise settles, also if it rejects.
   *
   * @throws {TypeError} If `guard` does not hold its mutex.
   * @throws {TypeError} If `predicate` is not a function.
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted before the predicate is true.
   * @throws The error that `predicate` throws.
   */
  async waitFor(guard: Guard, predicate: () => boolean, options?: WaitOptions): Promise<void> {
    if (typeof predicate !== "function") {
      throw new TypeError(`predicate must be a function; got ${describe(predicate)}`);
    }
    const signal = options?.signal === undefined ? undefined : abortable(options.signal);
    if (!guard.held) throw notHeld();
    if (signal?.aborted) throw signal.reason;
    while (!predicate()) await this.wait(guard, options);
  }

  /**
   * Wakes up to `count` waiting calls, longest wait first, and returns how many. A woken caller that waits again during this
   * call is not woken twice.
   *
   * @param count An integer of at least 0, or `Infinity`. Default: 1.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If `count` is neither an integer of at least 0 nor `Infinity`.
   */
  notify(count = 1): number {
    if (count !== Number.POSITIVE_INFINITY) requireInteger("count", count, 0);
    let left = 0;
    for (let waiter = this.#waiters.first; waiter !== undefined && left < count; waiter = waiter.next)
      left += 1;
    let woken = 0;
    for (; left > 0; left -= 1) {
      const first = this.#waiters.shift(); // May be missing: a woken caller can abort the wait of another.
      if (first === undefined) break;
      woken += 1;
      wake(first);
    }
    return woken;
  }

  /** Wakes all waiting calls, in the order of the calls, and returns how many. */
  notifyAll(): number {
    return this.notify(Number.POSITIVE_INFINITY);
  }

  /**
   * Queues `waiter` for a notification.
   *
   * @internal
   */
  park(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  /**
   * The waiter that the next notification wakes.
   *
   * @internal
   */
  get first(): Waiter | undefined {
    return this.#waiters.first;
  }
}

function notHeld(): TypeError {
  return new TypeError("guard must hold its lock; it holds none: lock the mutex first");
}

/** A call of {@link Condition.wait}: it waits for a notification, then for the lock. */
class ConditionWaiter extends Waiter implements AbortListener {
  readonly #guard: Guard;
  readonly #signal: Abortable | undefined;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  /** The notification or the abort, whichever is first, sets it to `"lock"`. */
  #for: "notification" | "lock" = "notification";
  #aborted = false;

  constructor(
    guard: Guard,
    signal: Abortable | undefined,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.#guard = guard;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal !== undefined) listen(signal, this);
  }

  resume(): void {
    if (this.#for === "notification") {
      this.#for = "lock";
      if (this.#signal !== undefined) unlisten(this.#signal, this);
      if (!this.#guard.reenter(this)) return;
    }
    this.#guard.regain();
    if (this.#aborted) this.#reject(this.#signal?.reason);
    else this.#resolve();
  }

  handleEvent(): void {
    if (this.#for !== "notification" || this.queue === undefined) return;
    this.#aborted = true;
    this.queue.remove(this);
    this.resume();
  }
}
