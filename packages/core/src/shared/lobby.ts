import { type AbortListener, type Abortable, listen, unlisten } from "../signal.ts";
import { Waiter, Waiters } from "../sync/waiters.ts";
import { LONGEST_MS, platform, sleepAsync, stayAlive } from "./platform.ts";
import type { TimeoutError } from "./timeout-error.ts";

/** The limits of a wait. */
export interface Limits {
  readonly signal: Abortable | undefined;
  readonly timeoutMs: number;
}

/** A call that waits, by a promise, for a mutex or a condition. */
export abstract class Visitor extends Waiter implements AbortListener {
  readonly #lobby: Lobby;
  readonly #limits: Limits;
  #timer: unknown = undefined;

  constructor(lobby: Lobby, limits: Limits) {
    super();
    this.#lobby = lobby;
    this.#limits = limits;
  }

  /** Starts waiting. */
  enter(): void {
    const { signal, timeoutMs } = this.#limits;
    this.#lobby.visitors.add(this);
    if (signal?.aborted) return this.handleEvent();
    if (signal !== undefined) listen(signal, this);
    if (timeoutMs <= LONGEST_MS) {
      this.#timer = platform.setTimeout(() => this.#giveUp(this.timeoutError(timeoutMs)), timeoutMs);
    }
    this.#lobby.serve(false);
  }

  /** Resumes the call and returns `undefined` if its wait is over; otherwise returns the value of the word to park on. */
  attempt(woken: boolean): number | undefined {
    const value = this.take(woken);
    if (value === undefined) {
      this.#leave();
      this.resume();
    }
    return value;
  }

  handleEvent(): void {
    this.#giveUp(this.#limits.signal?.reason);
  }

  /** Acquires the mutex or takes the notification and returns `undefined`, or returns the value of the word to park on. */
  protected abstract take(woken: boolean): number | undefined;
  /** Ends the call, which has left the lobby because of an abort or a timeout. */
  protected abstract abandon(reason: unknown): void;
  protected abstract timeoutError(timeoutMs: number): TimeoutError;

  #giveUp(reason: unknown): void {
    if (this.queue === undefined) return;
    this.#leave();
    this.abandon(reason);
    this.#lobby.serve(false);
  }

  #leave(): void {
    this.queue?.remove(this);
    if (this.#limits.signal !== undefined) unlisten(this.#limits.signal, this);
    if (this.#timer !== undefined) platform.clearTimeout(this.#timer);
  }
}

/**
 * The calls of this thread that wait by promises for one mutex or condition. They share one `Atomics.waitAsync`, so that an
 * unlock causes one wake-up for each thread, not one for each call.
 */
export class Lobby {
  readonly visitors: Waiters<Visitor> = new Waiters();
  readonly #word: Int32Array;
  /** Whether an `Atomics.waitAsync` is pending. It is never cancelled, because a needless wake-up is harmless. */
  #asleep = false;
  /** Set while calls wait, to keep the process alive. */
  #endStayAlive: (() => void) | undefined = undefined;

  constructor(word: Int32Array) {
    this.#word = word;
  }

  /** Resumes the calls in order, and parks at the first one that must wait. */
  serve(woken: boolean): void {
    let first = this.visitors.first;
    for (; first !== undefined; first = this.visitors.first) {
      const value = first.attempt(woken);
      if (value === undefined) continue;
      this.#asleep ||= sleepAsync(this.#word, 0, value, () => {
        this.#asleep = false;
        this.serve(true);
      });
      if (this.#asleep) break;
    }
    if (first === undefined) {
      this.#endStayAlive?.();
      this.#endStayAlive = undefined;
    } else {
      this.#endStayAlive ??= stayAlive();
    }
  }
}

/** The lobbies of this thread for one kind of word. */
export class Lobbies {
  readonly #lobbies = new WeakMap<ArrayBufferLike, Map<number, Lobby>>();

  at(word: Int32Array): Lobby {
    const { buffer, byteOffset } = word;
    const lobbies = this.#lobbies.get(buffer) ?? new Map<number, Lobby>();
    const lobby = lobbies.get(byteOffset) ?? new Lobby(word);
    this.#lobbies.set(buffer, lobbies.set(byteOffset, lobby));
    return lobby;
  }
}
