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
 * A condition variable between threads, with the static methods of TC39's structs proposal. Like a {@link SharedMutex} it is four bytes of shared memory.
 *
 * A wake-up says that the condition may be true; wait in a loop around the predicate. A call counts as waiting from the moment in which it opens
 * the lock, so a notification that comes before it sleeps is not lost. At most 4,095 calls can wait at one condition. A waiting thread that is terminated takes no notification away
 * from the others, but may be counted by one.
 */
export class SharedCondition implements SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;

  /**
   * Makes a condition of four bytes that are 0: those at `place`, or new ones.
   *
   * @throws {TypeError} If `place` is not in shared memory, or there is none here.
   * @throws {RangeError} If `place` is not aligned to four bytes, or not inside of its buffer.
   */
  constructor(place: SharedPlace = { buffer: sharedBytes(4), byteOffset: 0 }) {
    wordAt(place);
    this.buffer = place.buffer;
    this.byteOffset = place.byteOffset;
  }

  /**
   * Opens the token's lock, blocks the thread until it is notified, and holds the lock again.
   *
   * @throws {TypeError} If this thread must not block, `condition` is not in shared memory, or `token` holds no lock.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or not inside of its buffer; or if too many calls wait there.
   */
  static wait(condition: SharedPlace, token: UnlockToken): void {
    SharedCondition.waitFor(condition, token, Number.POSITIVE_INFINITY);
  }

  /**
   * As {@link wait}, but for `timeoutMs` milliseconds at most. Returns whether it was notified; with a predicate, which is called with the lock held, it waits
   * until that is true, and returns whether it is. Either way the lock is held again, however long that takes.
   *
   * @throws {TypeError} As {@link wait}.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0; otherwise as {@link wait}.
   * @throws What `predicate` throws.
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
   * As {@link wait}, without blocking the thread: it settles once the lock is held again, however it settles. The process stays alive while it waits.
   *
   * @throws {TypeError} If `condition` is not in shared memory, `token` holds no lock, or an option is of the wrong type.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or not inside of its buffer; if too many calls wait there; or if `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If it is not notified within `timeoutMs` milliseconds.
   * @throws `signal.reason` if the signal is, or becomes, aborted before it is notified.
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
   * Notifies up to `count` of the calls that wait, all by default, and returns how many. The caller need not hold the lock.
   *
   * @throws {TypeError} If `condition` is not in shared memory, or `count` is not a number.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or not inside of its buffer; or if `count` is neither an integer of at least 0 nor `Infinity`.
   */
  static notify(condition: SharedPlace, count: number = Number.POSITIVE_INFINITY): number {
    const word = wordAt(condition);
    if (count !== Number.POSITIVE_INFINITY) requireInteger("count", count, 0);
    return notifyWaiting(word, 0, count);
  }
}

/** A call of {@link SharedCondition.waitAsync} that is not notified yet. */
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
    // A notification that came first counts, so that none is lost with a call that gives up.
    if (leave(this.#word, 0, this.#joined, false)) this.#resolve();
    else this.#reject(reason);
  }

  protected timeoutError(timeoutMs: number): TimeoutError {
    return new TimeoutError(
      `Cannot wait at the condition for more than ${timeoutMs} ms: no notification came. Wait longer, or look for a thread that forgets notify()`,
      {},
    );
  }
}

const lobbies = new Lobbies();

function joinOrThrow(word: Int32Array): number {
  const joined = join(word, 0);
  if (joined !== -1) return joined;
  throw new RangeError(
    `Cannot wait at the condition: ${MOST_WAITING} calls wait there, which is the most. Let fewer calls wait, or use several conditions`,
  );
}

/** Sleeps until it is notified, or until the deadline. Returns whether it was notified. */
function sleep(word: Int32Array, joined: number, deadline: number): boolean {
  for (let woken = false; ; ) {
    const value = takeTurn(word, 0, joined, woken);
    if (value === NOTIFIED) return true;
    const leftMs = deadline - platform.performance.now();
    if (leftMs <= 0) return leave(word, 0, joined, woken);
    woken = Atomics.wait(word, 0, value, leftMs) === "ok"; // Sleep until a notification, which may be for others, or a change of the counts.
  }
}
