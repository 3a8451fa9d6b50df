import { abortable } from "../signal.ts";
import { describe } from "../value.ts";
import { type BlockingOptions, requireBlocking, timeoutOf } from "./call.ts";
import { type Limits, Lobbies, Visitor } from "./lobby.ts";
import { lockOrMark, tryLock, unlock, WANTED } from "./lock.ts";
import { sharedBytes } from "./memory.ts";
import { platform } from "./platform.ts";
import { TimeoutError } from "./timeout-error.ts";

/**
 * Four bytes of shared memory, initially 0 and aligned to four. All static methods accept a plain object of this form in place
 * of a mutex or condition.
 */
export interface SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
}

/** Options of the calls that wait for a mutex or a notification. */
export interface SharedWaitOptions extends BlockingOptions {
  /** Aborting it rejects the call with `signal.reason`. A call that blocks its thread checks it only at the beginning. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns a view of the word at `place`.
 *
 * @throws {TypeError} If it is not in a `SharedArrayBuffer`.
 * @throws {RangeError} If it is not aligned to four bytes, or is outside its buffer.
 */
export function wordAt(place: SharedPlace): Int32Array {
  const { buffer, byteOffset } = Object(place) as Partial<SharedPlace>;
  if (Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]") {
    return new Int32Array(buffer as SharedArrayBuffer, byteOffset, 1);
  }
  throw new TypeError(
    `place must be a mutex, a condition or { buffer, byteOffset } of a SharedArrayBuffer; got ${describe(place)}`,
  );
}

/** @throws `signal.reason` if the signal is aborted. */
export function limitsOf(options: SharedWaitOptions | undefined): Limits {
  const timeoutMs = timeoutOf(options);
  const signal = options?.signal === undefined ? undefined : abortable(options.signal);
  if (signal?.aborted) throw signal.reason;
  return { signal, timeoutMs };
}

/**
 * A mutex between threads, with the static methods of TC39's structs proposal. It occupies four bytes of shared memory. Sent
 * to another thread, it arrives as a plain `{ buffer, byteOffset }`, which these methods accept.
 *
 * It is not re-entrant: a thread that locks it twice waits forever. A new call may overtake waiting calls. A thread that dies
 * while it waits does not affect the others. A thread that dies while it holds the mutex leaves it locked forever.
 *
 * @example
 * ```ts
 * const token = SharedMutex.lock(mutex);
 * try {
 *   words[0] += 1; // No other thread runs this section at the same time.
 * } finally {
 *   token.unlock();
 * }
 * ```
 */
export class SharedMutex implements SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;

  /**
   * Makes a mutex in the four bytes at `place`, which must be 0, or in new memory.
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
   * Blocks the thread until it has acquired the mutex. Returns the token that unlocks it: `token`, or a new one.
   *
   * @throws {TypeError} If this thread must not block, such as the main thread of a page.
   * @throws {TypeError} If `mutex` is not in a `SharedArrayBuffer`.
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws {TypeError} If `token` holds a mutex, or a pending call uses it.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or is outside its buffer.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If the mutex is not acquired within `timeoutMs` milliseconds.
   * @throws `signal.reason` if the signal is aborted at the call.
   */
  static lock(mutex: SharedPlace, token?: UnlockToken, options?: SharedWaitOptions): UnlockToken;
  static lock(mutex: SharedPlace, options?: SharedWaitOptions): UnlockToken;
  static lock(
    mutex: SharedPlace,
    first?: UnlockToken | SharedWaitOptions,
    second?: SharedWaitOptions,
  ): UnlockToken {
    const [token, options] = tokenAndOptions(first, second);
    const { timeoutMs } = limitsOf(options);
    requireBlocking("lock()", "await lockAsync()");
    if (SharedMutex.lockIfAvailable(mutex, timeoutMs, token) === null) throw stayedLocked(timeoutMs);
    return token;
  }

  /**
   * As {@link lock}, but returns `null` if the mutex is not acquired within `timeoutMs` milliseconds. With 0 it never blocks,
   * and is allowed in every thread.
   *
   * @throws {TypeError} If this thread must not block and `timeoutMs` is not 0.
   * @throws {TypeError} If `mutex` or `token` is wrong, as for {@link lock}.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or is outside its buffer.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
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
   * As {@link lock}, without blocking the thread. Resolves with the token. Calls of one thread acquire the mutex in the order
   * of the calls. A pending call keeps the process alive.
   *
   * @throws {TypeError} If `mutex` is not in a `SharedArrayBuffer`.
   * @throws {TypeError} If `signal` is not an `AbortSignal`.
   * @throws {TypeError} If `token` holds a mutex, or a pending call uses it.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or is outside its buffer.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If the mutex is not acquired within `timeoutMs` milliseconds.
   * @throws `signal.reason` if the signal is or becomes aborted before the mutex is acquired.
   */
  static lockAsync(
    mutex: SharedPlace,
    token?: UnlockToken,
    options?: SharedWaitOptions,
  ): Promise<UnlockToken>;
  static lockAsync(mutex: SharedPlace, options?: SharedWaitOptions): Promise<UnlockToken>;
  static async lockAsync(
    mutex: SharedPlace,
    first?: UnlockToken | SharedWaitOptions,
    second?: SharedWaitOptions,
  ): Promise<UnlockToken> {
    const word = wordAt(mutex);
    const [token, options] = tokenAndOptions(first, second);
    token.requireFree();
    const limits = limitsOf(options);
    token.await();
    // Acquires the mutex only in a microtask: the caller may go on to block for the same mutex, before any promise can run.
    await Promise.resolve();
    await waitForLock(word, token, limits);
    return token;
  }
}

/** Unlocks a {@link SharedMutex}. A token that holds no mutex can be used again. */
export class UnlockToken {
  /** The word of the held mutex. Set by {@link hold}, cleared by {@link unlock}. */
  #held: Int32Array | undefined = undefined;
  /** Whether a pending call acquires a mutex for this token. Set by {@link await}. */
  #awaits = false;

  /** Whether it holds a mutex now. */
  get locked(): boolean {
    return this.#held !== undefined;
  }

  /** Unlocks the mutex. Returns whether the token held one. */
  unlock(): boolean {
    if (this.#held === undefined) return false;
    unlock(this.#held, 0);
    this.#held = undefined;
    return true;
  }

  /** Calls {@link unlock}, for `using`. */
  [Symbol.dispose](): void {
    this.unlock();
  }

  /** @internal */
  requireFree(): void {
    if (this.#held === undefined && !this.#awaits) return;
    throw new TypeError(
      this.#awaits
        ? "token must be free; it awaits a lock: use another one"
        : "token must be free; it holds a lock: unlock it first, or use another one",
    );
  }

  /** @internal */
  await(): void {
    this.#awaits = true;
  }

  /**
   * Records the end of the pending call: the acquired mutex, or `undefined` if it acquired none.
   *
   * @internal
   */
  hold(word: Int32Array | undefined): void {
    this.#held = word;
    this.#awaits = false;
  }

  /**
   * Returns the word of the held mutex.
   *
   * @internal
   */
  requireHeld(): Int32Array {
    if (this.#held !== undefined) return this.#held;
    throw new TypeError("token must hold a lock; it holds none: lock the mutex first");
  }
}

const lobbies = new Lobbies();

/** A waiting call of {@link SharedMutex.lockAsync}, or of `SharedCondition.waitAsync` after its notification. */
class LockVisitor extends Visitor {
  readonly #word: Int32Array;
  readonly #token: UnlockToken;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;

  constructor(
    word: Int32Array,
    token: UnlockToken,
    limits: Limits,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    super(lobbies.at(word), limits);
    this.#word = word;
    this.#token = token;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resume(): void {
    this.#token.hold(this.#word);
    this.#resolve();
  }

  protected take(): number | undefined {
    return lockOrMark(this.#word, 0) ? undefined : WANTED;
  }

  protected abandon(reason: unknown): void {
    this.#token.hold(undefined);
    this.#reject(reason);
  }

  protected timeoutError(timeoutMs: number): TimeoutError {
    return stayedLocked(timeoutMs);
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
    Atomics.wait(word, 0, WANTED, leftMs); // Wait for an unlock. It wakes all waiting calls, so another one may be first.
  }
  return true;
}

/**
 * Waits until `token` holds the mutex.
 *
 * @internal
 */
export function waitForLock(word: Int32Array, token: UnlockToken, limits: Limits): Promise<void> {
  return new Promise((resolve, reject) => {
    new LockVisitor(word, token, limits, resolve, reject).enter();
  });
}

function tokenAndOptions(
  first: UnlockToken | SharedWaitOptions | undefined,
  second: SharedWaitOptions | undefined,
): [UnlockToken, SharedWaitOptions | undefined] {
  if (first instanceof UnlockToken) return [first, second];
  return [new UnlockToken(), first ?? second];
}

function stayedLocked(timeoutMs: number): TimeoutError {
  return new TimeoutError(
    `Cannot lock the mutex within ${timeoutMs} ms: it stayed locked. Wait longer, or look for a thread that never unlocks it`,
    {},
  );
}
