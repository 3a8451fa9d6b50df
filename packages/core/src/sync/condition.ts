import { requireInteger } from "../options.ts";
import { abortable, type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { WaitOptions } from "../types.ts";
import { describe } from "../value.ts";
import type { Guard } from "./mutex.ts";
import { Waiter, Waiters, wake } from "./waiters.ts";

/**
 * A condition variable: a place to wait, with a mutex let go meanwhile, until somebody says that something has changed.
 *
 * A wake-up says that the condition may be true, not that it is: somebody else may have been quicker. So wait in a
 * loop around the predicate:
 *
 * ```ts
 * const guard = await mutex.lock();
 * while (!predicate()) await condition.wait(guard);
 * // The predicate is true, and the lock is held.
 * guard.unlock();
 * ```
 *
 * Who changes what the predicate looks at, calls {@link notify} or {@link notifyAll}, with the lock held or not.
 * The semantics are those of Go's `sync.Cond`, with a mutex named at each wait.
 */
export class Condition {
  /** Those that wait, in the order of their calls. Joined by {@link park}, left by {@link notify} or an abort. */
  readonly #waiters: Waiters = new Waiters();

  /**
   * Lets go of the guard's mutex, waits to be notified, and holds the lock again when it settles, however it settles.
   *
   * An abort that comes after the notification changes nothing, so that no notification is lost with it.
   *
   * @throws {TypeError} If `guard` holds no lock, or `signal` is no `AbortSignal`.
   * @throws `signal.reason` if the signal is aborted first.
   */
  wait(guard: Guard, options?: WaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal === undefined ? undefined : abortable(options.signal);
      if (!guard.held) {
        throw notHeld();
      }
      if (signal?.aborted) throw signal.reason;
      this.park(new ConditionWaiter(guard, signal, resolve, reject));
      guard.unlock(); // Let those in who will make the condition true.
    });
  }

  /**
   * Waits until `predicate` returns true, and holds the lock when it settles, however it settles. The predicate is called with the lock held: at once, and
   * after each notification.
   *
   * @throws {TypeError} If `guard` holds no lock, `predicate` is not a function, or `signal` is not an `AbortSignal`.
   * @throws `signal.reason` if the signal is or becomes aborted before the predicate is true.
   * @throws What `predicate` throws.
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
   * Wakes up to `count` of the calls that wait, those that have waited longest, and returns how many. A call that waits again meanwhile is not woken again.
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
      const first = this.#waiters.shift(); // A call that was woken may have taken others out meanwhile.
      if (first === undefined) break;
      woken += 1;
      wake(first);
    }
    return woken;
  }

  /** Wakes all that wait now, in the order in which they came, and returns how many. */
  notifyAll(): number {
    return this.notify(Number.POSITIVE_INFINITY);
  }

  /**
   * Queues `waiter`, which is woken by a notification.
   *
   * @internal
   */
  park(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  /**
   * The one that the next notification wakes.
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
  /** What it waits for. Set to `"lock"` once, by the notification or the abort, whichever is first. */
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
