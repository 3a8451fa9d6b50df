import { requireInteger } from "../options.ts";
import { requireBlocking, timeoutOf } from "./call.ts";
import { type Limits, Lobbies, Visitor } from "./lobby.ts";
import { unlock } from "./lock.ts";
import { sharedBytes } from "./memory.ts";
import {
  blockForLock,
  limitsOf,
  type SharedPlace,
  type SharedWaitOptions,
  type UnlockToken,
  waitForLock,
  wordAt,
} from "./mutex.ts";
import { platform } from "./platform.ts";
import { join, leave, MOST_WAITING, NOTIFIED, notifyWaiting, takeTurn } from "./tally.ts";
import { TimeoutError } from "./timeout-error.ts";

const NO_LIMITS: Limits = { signal: undefined, timeoutMs: Number.POSITIVE_INFINITY };

/**
 * A condition variable between threads, with the static methods of TC39's structs proposal. Like a {@link SharedMutex} it
 * occupies four bytes of shared memory.
 *
 * After a notification the predicate may still be false, so wait in a loop, or pass the predicate to {@link waitFor}. A call
 * counts as waiting from the moment it releases the mutex, so a notification between that and parking is not lost.
 *
 * At most 4,095 calls can wait at one condition. A terminated thread takes no notification away from other waiting calls, but
 * a later notification may count it as woken.
 */
export class SharedCondition implements SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;

  /**
   * Makes a condition in the four bytes at `place`, which must be 0, or in new memory.
   *
   * @throws {TypeError} If `place` is not in a `SharedArrayBuffer`.
   * @throws {TypeError} If `SharedArrayBuffer` is not available.
   * @throws {RangeError} If `place` is not aligned to four bytes, or is outside its buffer.
   */
  constructor(place: SharedPlace = { buffer: sharedBytes(4), byteOffset: 0 }) {
    wordAt(place);
    this.buffer = place.buffer;
    this.byteOffset = place.byteOffset;
  }

  /**
   * Releases the token's mutex, blocks the thread until the call is notified, and acquires the mutex again.
   *
   * @throws {TypeError} If this thread must not block, such as the main thread of a page.
   * @throws {TypeError} If `condition` is not in a `SharedArrayBuffer`.
   * @throws {TypeError} If `token` does not hold a mutex.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or is outside its buffer.
   * @throws {RangeError} If 4,095 calls already wait at the condition.
   */
  static wait(condition: SharedPlace, token: UnlockToken): void {
    SharedCondition.waitFor(condition, token, Number.POSITIVE_INFINITY);
  }

  /**
   * As {@link wait}, but for at most `timeoutMs` milliseconds. Returns whether it was notified.
   *
   * With a predicate it waits until that returns true, and returns whether it did. The predicate is called with the mutex
   * held. The mutex is held again when the call returns; acquiring it is not limited by `timeoutMs`.
   *
   * @throws {TypeError} For the same causes as {@link wait}.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {RangeError} For the same causes as {@link wait}.
   * @throws The error that `predicate` throws.
   */
  static waitFor(
    condition: SharedPlace,
    token: UnlockToken,
    timeoutMs: number,
    predicate?: () => boolean,
  ): boolean {
    const word = wordAt(condition);
    const deadline = platform.performance.now() + timeoutOf({ timeoutMs });
    requireBlocking("wait()", "await waitAsync()");
    for (;;) {
      if (predicate?.() === true) return true;
      if (predicate !== undefined && platform.performance.now() >= deadline) return false;
      const mutex = token.requireHeld();
      const joined = joinOrThrow(word);
      token.hold(undefined);
      token.await();
      unlock(mutex, 0);
      const isNotified = sleep(word, joined, deadline);
      blockForLock(mutex, Number.POSITIVE_INFINITY);
      token.hold(mutex);
      if (predicate === undefined) return isNotified;
    }
  }

  /**
   * As {@link wait}, without blocking the thread. The mutex is held when the promise settles, also if it rejects. A pending
   * call keeps the process alive.
   *
   * @throws {TypeError} If `condition` is not in a `SharedArrayBuffer`.
   * @throws {TypeError} If `token` does not hold a mutex.
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or is outside its buffer.
   * @throws {RangeError} If 4,095 calls already wait at the condition.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If it is not notified within `timeoutMs` milliseconds.
   * @throws `signal.reason` if the signal is or becomes aborted before the notification.
   */
  static async waitAsync(
    condition: SharedPlace,
    token: UnlockToken,
    options?: SharedWaitOptions,
  ): Promise<void> {
    const word = wordAt(condition);
    const limits = limitsOf(options);
    const mutex = token.requireHeld();
    const joined = joinOrThrow(word);
    token.hold(undefined);
    token.await();
    unlock(mutex, 0);
    try {
      await new Promise<void>((resolve, reject) => {
        new ConditionVisitor(word, joined, limits, resolve, reject).enter();
      });
    } finally {
      await waitForLock(mutex, token, NO_LIMITS);
    }
  }

  /**
   * Notifies up to `count` waiting calls, and returns how many. The caller need not hold the mutex.
   *
   * @param count An integer of at least 0, or `Infinity`. Default: `Infinity`.
   * @throws {TypeError} If `condition` is not in a `SharedArrayBuffer`.
   * @throws {TypeError} If `count` is not a number.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or is outside its buffer.
   * @throws {RangeError} If `count` is neither an integer of at least 0 nor `Infinity`.
   */
  static notify(condition: SharedPlace, count: number = Number.POSITIVE_INFINITY): number {
    const word = wordAt(condition);
    if (count !== Number.POSITIVE_INFINITY) requireInteger("count", count, 0);
    return notifyWaiting(word, 0, count);
  }
}

/** A call of {@link SharedCondition.waitAsync} that waits for a notification. */
class ConditionVisitor extends Visitor {
  readonly #word: Int32Array;
  readonly #joined: number;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;

  constructor(
    word: Int32Array,
    joined: number,
    limits: Limits,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    super(lobbies.at(word), limits);
    this.#word = word;
    this.#joined = joined;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resume(): void {
    this.#resolve();
  }

  protected take(woken: boolean): number | undefined {
    const value = takeTurn(this.#word, 0, this.#joined, woken);
    return value === NOTIFIED ? undefined : value;
  }

  protected abandon(reason: unknown): void {
    // If the call was notified before the abort or timeout, it succeeds, so that the notification is not lost.
    if (leave(this.#word, 0, this.#joined, false)) this.#resolve();
    else this.#reject(reason);
  }

  protected timeoutError(timeoutMs: number): TimeoutError {
    return new TimeoutError(
      `Cannot wait at the condition for more than ${timeoutMs} ms: no notification came. Wait longer, or look for a missing notify()`,
      {},
    );
  }
}

const lobbies = new Lobbies();

function joinOrThrow(word: Int32Array): number {
  const joined = join(word, 0);
  if (joined !== -1) return joined;
  throw new RangeError(
    `Cannot wait at the condition: ${MOST_WAITING} calls already wait there, which is the maximum. Use several conditions`,
  );
}

/** Parks the thread until the call is notified, or until the deadline. Returns whether it was notified. */
function sleep(word: Int32Array, joined: number, deadline: number): boolean {
  for (let woken = false; ; ) {
    const value = takeTurn(word, 0, joined, woken);
    if (value === NOTIFIED) return true;
    const leftMs = deadline - platform.performance.now();
    if (leftMs <= 0) return leave(word, 0, joined, woken);
    // Wait until the word changes. The change may be a notification for another call.
    woken = Atomics.wait(word, 0, value, leftMs) === "ok";
  }
}
