import { abortable } from "../signal.ts";
import { describe } from "../value.ts";
import { type BlockingOptions, requireBlocking, timeoutOf } from "./call.ts";
import { type Limits, Lobbies, Visitor } from "./lobby.ts";
import { lockOrMark, tryLock, unlock, WANTED } from "./lock.ts";
import { sharedBytes } from "./memory.ts";
import { platform } from "./platform.ts";
import { TimeoutError } from "./timeout-error.ts";

/** Four bytes of shared memory that are 0 at first, aligned to four. A plain object of this form is as good as a mutex or condition. */
export interface SharedPlace {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
}

/** Options of the calls that wait for a lock or a notification. */
export interface SharedWaitOptions extends BlockingOptions {
  /** Gives the call up when it aborts. A call that blocks its thread looks at it only when it begins. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The word at a place.
 *
 * @throws {TypeError} If it is not in shared memory.
 * @throws {RangeError} If it is not aligned, or not inside of its buffer.
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

/** @throws What the signal aborted with, if it has. */
export function limitsOf(options: SharedWaitOptions | undefined): Limits {
  const timeoutMs = timeoutOf(options);
  const signal = options?.signal === undefined ? undefined : abortable(options.signal);
  if (signal?.aborted) throw signal.reason;
  return { signal, timeoutMs };
}

/**
 * A mutex between threads, with the static methods of TC39's structs proposal. It is four bytes of shared memory: sent to another thread it arrives as
 * `{ buffer, byteOffset }`, which these methods accept as well.
 *
 * It is not re-entrant: a thread that locks it twice waits for itself. A new call may overtake those that wait. A thread that dies while it waits is no
 * obstacle for the others; one that dies with the lock leaves it locked for ever.
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
   * @throws {TypeError} If this thread must not block, `mutex` is not in shared memory, an option is of the wrong type, or `token` holds or awaits a lock.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or not inside of its buffer; or if `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If the mutex stays locked for `timeoutMs` milliseconds.
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
   * As {@link lock}, but gives up after `timeoutMs` milliseconds and returns `null`. With 0 it never blocks, and works in every thread.
   *
   * @throws {TypeError} If this thread must not block and `timeoutMs` is not 0; otherwise as {@link lock}.
   * @throws {RangeError} If `timeoutMs` is not a number of at least 0; otherwise as {@link lock}.
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
   * As {@link lock}, without blocking the thread: it resolves with the token. The process stays alive while it waits. Calls of one thread get the lock in
   * their order.
   *
   * @throws {TypeError} If `mutex` is not in shared memory, an option is of the wrong type, or `token` holds or awaits a lock.
   * @throws {RangeError} If `mutex` is not aligned to four bytes, or not inside of its buffer; or if `timeoutMs` is not a number of at least 0.
   * @throws {TimeoutError} If it does not get the lock within `timeoutMs` milliseconds.
   * @throws `signal.reason` if the signal is, or becomes, aborted before it has the lock.
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
    await Promise.resolve(); // If the thread blocks for the same lock before its promises run, it must not wait for this call.
    await waitForLock(word, token, limits);
    return token;
  }
}

/** Opens the lock of a {@link SharedMutex}. It may be used again for another lock once it holds none. */
export class UnlockToken {
  /** The word of the mutex that is held. Set by {@link hold}, cleared by {@link unlock}. */
  #held: Int32Array | undefined = undefined;
  /** Whether a call waits for the lock that this token is to hold. Set by {@link await}. */
  #awaits = false;

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

  /** The lock that it awaited is its own now, or given up. @internal */
  hold(word: Int32Array | undefined): void {
    this.#held = word;
    this.#awaits = false;
  }

  /**
   * The word of the lock, which a call at a condition is about to open for a while.
   *
   * @internal
   */
  requireHeld(): Int32Array {
    if (this.#held !== undefined) return this.#held;
    throw new TypeError("token must hold a lock; it holds none: lock the mutex first");
  }
}

const lobbies = new Lobbies();

/** A call of {@link SharedMutex.lockAsync}, or the second half of one of `SharedCondition.waitAsync`. */
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
    Atomics.wait(word, 0, WANTED, leftMs); // Sleep until it is unlocked. Others wake with it, and may be quicker.
  }
  return true;
}

/**
 * Waits for the lock for a token that awaits it.
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
