import { requireBlocking, timeoutOf } from "./call.ts";
import { sharedBytes } from "./memory.ts";
import { blockForLock, type SharedPlace, sleepOn, type UnlockToken, waitForLock, wordAt } from "./mutex.ts";
import { platform } from "./platform.ts";

/**
 * A condition variable between threads, with the static methods of TC39's structs proposal. Like a {@link SharedMutex} it is four bytes of shared memory.
 *
 * The word counts notifications, as that of L. T. Hansen's parlib-simple does. Who waits remembers the count while it still has the lock, and sleeps only as long as it stays the same: so a notification
 * that comes between the unlock and the sleep is not lost. A wake-up says that the condition may be true; wait in a loop around the predicate.
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
   * @throws {RangeError} If `condition` is not aligned to four bytes, or not inside of its buffer.
   */
  static wait(condition: SharedPlace, token: UnlockToken): void {
    SharedCondition.waitFor(condition, token, Number.POSITIVE_INFINITY);
  }

  /**
   * As {@link wait}, but for `timeoutMs` milliseconds at most. Returns whether it was notified; with a predicate, which is asked with the lock held, it waits
   * until that is true, and returns whether it is. Either way the lock is held again, however long that takes.
   *
   * @throws {TypeError} As {@link wait}.
   * @throws {RangeError} If `timeoutMs` is no number of at least 0; otherwise as {@link wait}.
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
      const leftMs = Math.max(0, deadline - platform.performance.now());
      if (predicate !== undefined && leftMs === 0) return false;
      const seen = Atomics.load(word, 0);
      const mutex = token.letGo();
      const outcome = Atomics.wait(word, 0, seen, leftMs); // Sleep until a notification that came after the look.
      blockForLock(mutex, Number.POSITIVE_INFINITY);
      token.hold(mutex);
      if (predicate === undefined) return outcome !== "timed-out";
    }
  }

  /**
   * As {@link wait}, without blocking the thread: it resolves once the lock is held again. The process stays alive while it waits.
   *
   * @throws {TypeError} If `condition` is not in shared memory, or `token` holds no lock.
   * @throws {RangeError} If `condition` is not aligned to four bytes, or not inside of its buffer.
   */
  static async waitAsync(condition: SharedPlace, token: UnlockToken): Promise<void> {
    const word = wordAt(condition);
    const seen = Atomics.load(word, 0);
    const mutex = token.letGo();
    await sleepOn(word, seen);
    await waitForLock(mutex);
    token.hold(mutex);
  }

  /**
   * Wakes up to `count` of those that wait, all unless told, and returns how many they were. The caller need not hold the lock.
   *
   * @throws {TypeError} If `condition` is not in shared memory.
   * @throws {RangeError} If it is not aligned to four bytes, or not inside of its buffer.
   */
  static notify(condition: SharedPlace, count: number = Number.POSITIVE_INFINITY): number {
    const word = wordAt(condition);
    Atomics.add(word, 0, 1);
    return Atomics.notify(word, 0, count);
  }
}
