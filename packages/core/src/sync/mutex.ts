import { abortable, type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import type { WaitOptions } from "../types.ts";
import { Waiter, Waiters, wake } from "./waiters.ts";

/**
 * Mutual exclusion for critical sections that span an `await`.
 *
 * JavaScript runs one piece of code at a time, but an `async` function is many pieces: between two of them any other
 * code may run and see, or change, what is half done. Who holds the mutex keeps the others out until it lets go. A
 * section without an `await` needs no mutex.
 *
 * The lock goes to those who wait in the order of their calls, straight from hand to hand: nobody who comes later gets in
 * between. (Go's `sync.Mutex`, by contrast, lets a newcomer overtake for a while.) It is not re-entrant: who
 * locks it twice waits for itself.
 *
 * @example
 * ```ts
 * const mutex = new Mutex();
 * const guard = await mutex.lock();
 * try {
 *   await appendToFile(line); // Nobody else appends meanwhile.
 * } finally {
 *   guard.unlock();
 * }
 * ```
 */
export class Mutex {
  /** Whether somebody holds the lock. Changed by {@link enter} and {@link leave}. */
  #locked = false;
  /** Those that wait for the lock, in the order of their calls. */
  readonly #waiters: Waiters = new Waiters();

  /** Whether somebody holds the lock now. */
  get locked(): boolean {
    return this.#locked;
  }

  /**
   * Waits for the lock and resolves with the guard that holds it.
   *
   * @throws {TypeError} If `signal` is no `AbortSignal`.
   * @throws `signal.reason` if the signal is, or becomes, aborted before the lock is had. A waiter that leaves so never
   * gets the lock, and those behind it keep their order.
   */
  lock(options?: WaitOptions): Promise<Guard> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal === undefined ? undefined : abortable(options.signal);
      if (signal?.aborted) throw signal.reason;
      const waiter = new LockWaiter(this, signal, resolve, reject);
      if (this.enter(waiter)) waiter.resume();
    });
  }

  /** Takes the lock if nobody holds it: a guard, or `null` where {@link lock} would wait. */
  tryLock(): Guard | null {
    return this.enter(undefined) ? new Guard(this) : null;
  }

  /**
   * Takes the lock, or queues `waiter` for it, which is woken once it holds the lock.
   *
   * @returns Whether the lock was free, and so is held now.
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
   * Lets go of the lock.
   *
   * @internal
   */
  leave(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#locked = false;
    else wake(next); // The lock stays taken and changes hands: the one that has waited longest holds it now.
  }

  /**
   * The one that gets the lock next.
   *
   * @internal
   */
  get first(): Waiter | undefined {
    return this.#waiters.first;
  }
}

/** The lock of a {@link Mutex}, held. It opens once: what is done with a guard that has let go changes nothing. */
export class Guard {
  readonly #mutex: Mutex;
  /** Whether the lock is in this guard's hands. Cleared by {@link unlock}; a condition clears it while its owner waits. */
  #held = true;

  /** @internal */
  constructor(mutex: Mutex) {
    this.#mutex = mutex;
  }

  /** Whether this guard holds the lock now. */
  get held(): boolean {
    return this.#held;
  }

  /** Lets go of the lock, which goes to the one that has waited longest. A second call changes nothing. */
  unlock(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#mutex.leave();
  }

  /** As {@link unlock}, for `using`. */
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
   * Says that the lock is back in this guard's hands.
   *
   * @internal
   */
  regain(): void {
    this.#held = true;
  }
}

/** A call of {@link Mutex.lock} that waits. */
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
