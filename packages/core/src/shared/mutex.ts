import { describe } from "../value.ts";
import { requireBlocking, timeoutOf } from "./call.ts";
import { lockOrMark, tryLock, unlock, WANTED } from "./lock.ts";
import { sharedBytes } from "./memory.ts";
import { platform, sleepAsync, stayAlive } from "./platform.ts";

/** Four bytes of shared memory that are 0 at first, aligned to four. A plain object of this form is as good as a mutex or condition. */
export interface SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
}

/**
 * The word at a place.
 *
 * @throws {TypeError} If it is not in shared memory.
 * @throws {RangeError} If it is not aligned, or not inside.
 */
export function wordAt(place: SharedPlace): Int32Array {
  const { buffer, byteOffset } = Object(place) as Partial<SharedPlace>;
  if (Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]") {
    return new Int32Array(buffer as SharedArrayBuffer, byteOffset, 1);
  }
  throw new TypeError(
    `Cannot synchronise threads by ${describe(place)}: give a mutex or condition, or { buffer, byteOffset } of a SharedArrayBuffer`,
  );
}

/**
 * A mutex between threads, with the static methods of TC39's structs proposal. It is four bytes of shared memory: sent to another thread it arrives as
 * `{ buffer, byteOffset }`, which these methods take as well. It is not re-entrant, and who comes may overtake who waits. A thread that dies with it
 * leaves it locked for ever.
 *
 * @example
 * ```ts
 * const token = SharedMutex.lock(mutex);
 * try {
 *   words[0] += 1; // No other thread is here meanwhile.
 * } finally {
 *   token.unlock();
 * }
 * ```
 */
export class SharedMutex implements SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;

  /**
   * Makes a mutex of four bytes that are 0: those at `place`, or new ones.
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
   * Blocks the thread until it has the lock, and returns the token that opens it: `token`, or a new one.
   *
   * @throws {TypeError} If this thread must not block, `mutex` is not in shared memory, or `token` holds a lock already.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or not inside of its buffer.
   */
  static lock(mutex: SharedPlace, token: UnlockToken = new UnlockToken()): UnlockToken {
    requireBlocking("lock()", "await lockAsync()");
    return SharedMutex.lockIfAvailable(mutex, Number.POSITIVE_INFINITY, token) as UnlockToken;
  }

  /**
   * As {@link lock}, but gives up after `timeoutMs` milliseconds and returns `null`. With 0 it never blocks, and is for every thread.
   *
   * @throws {TypeError} If this thread must not block and `timeoutMs` is not 0; otherwise as {@link lock}.
   * @throws {RangeError} If `timeoutMs` is no number of at least 0; otherwise as {@link lock}.
   */
  static lockIfAvailable(
    mutex: SharedPlace,
    timeoutMs: number,
    token: UnlockToken = new UnlockToken(),
  ): UnlockToken | null {
    const word = wordAt(mutex);
    token.requireFree();
    const givenMs = timeoutOf({ timeoutMs });
    if (givenMs > 0) requireBlocking("lockIfAvailable()", "a timeoutMs of 0, await lockAsync()");
    if (!blockForLock(word, givenMs)) return null;
    token.hold(word);
    return token;
  }

  /**
   * As {@link lock}, without blocking the thread: it resolves with the token. The process stays alive while it waits.
   *
   * @throws {TypeError} If `mutex` is not in shared memory, or `token` holds a lock already.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or not inside of its buffer.
   */
  static async lockAsync(mutex: SharedPlace, token: UnlockToken = new UnlockToken()): Promise<UnlockToken> {
    const word = wordAt(mutex);
    token.requireFree();
    await waitForLock(word);
    token.hold(word);
    return token;
  }
}

/** Opens the lock of a {@link SharedMutex}. It may be used again for another lock. */
export class UnlockToken {
  /** The word of the mutex that is held. Set by {@link hold}, cleared by {@link letGo}. */
  #held: Int32Array | undefined = undefined;

  /** Whether it holds a lock now. */
  get locked(): boolean {
    return this.#held !== undefined;
  }

  /** Opens the lock, and returns whether it held one. */
  unlock(): boolean {
    if (this.#held === undefined) return false;
    unlock(this.#held, 0);
    this.#held = undefined;
    return true;
  }

  /** As {@link unlock}, for `using`. */
  [Symbol.dispose](): void {
    this.unlock();
  }

  /** @internal */
  requireFree(): void {
    if (this.#held !== undefined)
      throw new TypeError("Cannot lock with a token that holds a lock: unlock it first");
  }

  /** @internal */
  hold(word: Int32Array): void {
    this.#held = word;
  }

  /**
   * Opens the lock for a while, and returns its word.
   *
   * @internal
   */
  letGo(): Int32Array {
    const word = this.#held;
    if (word === undefined)
      throw new TypeError("Cannot wait with a token that holds no lock: lock the mutex first");
    this.unlock();
    return word;
  }
}

/** @internal */
export function blockForLock(word: Int32Array, timeoutMs: number): boolean {
  if (tryLock(word, 0)) return true;
  if (timeoutMs === 0) return false;
  const deadline = platform.performance.now() + timeoutMs;
  while (!lockOrMark(word, 0)) {
    const leftMs = deadline - platform.performance.now();
    if (leftMs <= 0) return false;
    Atomics.wait(word, 0, WANTED, leftMs); // Sleep until it is unlocked. Who wakes with it still looks whether it is.
  }
  return true;
}

/** @internal */
export async function waitForLock(word: Int32Array): Promise<void> {
  if (tryLock(word, 0)) return;
  while (!lockOrMark(word, 0)) await sleepOn(word, WANTED);
}

/** @internal */
export function sleepOn(word: Int32Array, value: number): Promise<void> {
  return new Promise((resolve) => {
    const letGo = stayAlive();
    const wake = (): void => {
      letGo();
      resolve();
    };
    if (!sleepAsync(word, 0, value, wake)) wake();
  });
}
