import { abortable, type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { WaitOptions } from "../types.ts";
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
        throw new TypeError("Cannot wait with a guard that does not hold its lock: lock the mutex first");
      }
      if (signal?.aborted) throw signal.reason;
      this.park(new ConditionWaiter(guard, signal, resolve, reject));
      guard.unlock(); // Let those in who will make the condition true.
    });
  }

  /** Wakes the one that has waited longest, if anybody waits. */
  notify(): void {
    const first = this.#waiters.shift();
    if (first !== undefined) wake(first);
  }

  /** Wakes all that wait now, in the order in which they came. */
  notifyAll(): void {
    // Who waits again meanwhile joins behind the last of today, and is not meant.
    let count = 0;
    for (let waiter = this.#waiters.first; waiter !== undefined; waiter = waiter.next) count += 1;
    for (; count > 0; count -= 1) this.notify();
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
