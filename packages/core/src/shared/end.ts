import { settled } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { Operation, tellProgress } from "../pipe/operation.ts";
import type { Abortable } from "../signal.ts";
import type { Progress } from "../types.ts";
import type { BlockingCall } from "./call.ts";
import { CallLine, NOTHING, type SideOfPipe, TURN } from "./call-line.ts";
import { Closings } from "./closing.ts";
import { writeError } from "./error-record.ts";
import { FAILED, HEAD, READER_SHIFT, STATE, TAIL } from "./layout.ts";
import { WANTED } from "./lock.ts";
import type { Memory } from "./memory.ts";
import { platform, sleepAsync, stayAlive } from "./platform.ts";
import { announce, close, hasNews } from "./protocol.ts";
import { ASYNC_MS, BLOCKING_MS, Spin } from "./spin.ts";
import { timeoutError } from "./timeout-error.ts";

/**
 * What both ends have in common besides their {@link CallLine}: the ways to wait for the other side.
 *
 * What cannot be done now waits by a promise ({@link run}) or by blocking the thread ({@link block}), which takes along the calls that came before. Both
 * look for a while before they sleep.
 *
 * To its operations it is their `Operator`. It does not say so, since what they call is internal and no part of the published types.
 */
export abstract class End extends CallLine {
  protected readonly closings: Closings;
  readonly #ownCounter: typeof HEAD | typeof TAIL;
  readonly #peerCounter: typeof HEAD | typeof TAIL;
  readonly #spin = new Spin();
  /** The other side's counter when it was last looked at in vain. */
  #inVain: number | undefined = undefined;
  /** Words that are waited on by a promise: one wait for each, which is never taken back, since being woken too often does no harm. */
  readonly #asleep = new Set<number>();
  /** Set while calls wait by promises and so keep the process alive. */
  #letDie: (() => void) | undefined = undefined;
  #referenced = true;
  #closed: Latch | undefined = undefined;

  constructor(memory: Memory, pipe: SideOfPipe) {
    super(memory, pipe);
    [this.#ownCounter, this.#peerCounter] = pipe.side === "writer" ? [HEAD, TAIL] : [TAIL, HEAD];
    this.closings = new Closings(this.words, pipe.side);
    this.refresh();
  }

  /** Resolves as soon as no new call can move a byte any more, whichever side closed. Never rejects. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = new Latch();
      this.#watch(this.#closed);
    }
    return this.#closed.promise;
  }

  abstract close(): void;

  /** As `close()`, but the other side gets an error: an `Error` with the name, the message and the code of this one. */
  closeWithError(error: unknown): void {
    const { side, ownClosed } = this.pipe;
    if ((Atomics.load(this.words, STATE) & ownClosed) !== 0) return;
    writeError(this.words, side, error);
    close(this.words, side === "writer" ? FAILED : FAILED << READER_SHIFT, ownClosed);
    this.run(); // The calls of this end that wait fail now.
  }

  /** As `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Lets the process end although calls of this end wait. */
  unref(): void {
    this.#referenced = false;
    this.#keepAlive();
  }

  /** Takes {@link unref} back: calls that wait keep the process alive, as they do unless told otherwise. */
  ref(): void {
    this.#referenced = true;
    this.#keepAlive();
  }

  /** @internal */
  abort(call: Operation, reason: unknown): void {
    if (call.queue === undefined) return;
    this.remove(call);
    call.fail(reason);
    this.run();
  }

  /** @internal */
  goOn(): void {} // No call of an end waits to be woken by another call.

  /** Whether in this state no new call could move a byte. */
  protected abstract isOver(state: number): boolean;
  /** What has to be there before it is worth waking this side: bytes free, or to read. */
  protected abstract need(): number;

  /** Looks whether the other side moves, for so long, where that pays. It looks once in vain for one and the same move, not before each way to wait. */
  protected peerMoves(ms: number): boolean {
    const { peer } = this.half;
    if (ms === 0 || peer === this.#inVain) return false;
    if (this.#spin.until(this.words, this.#peerCounter, peer, ms)) return true;
    this.#inVain = peer;
    return false;
  }

  /** Begins a call that waits by a promise; so many of its bytes were moved before. */
  protected start(
    kind: number,
    bytes: Uint8Array | undefined,
    length: number,
    moved: number,
    signal?: Abortable,
    progress?: Progress,
  ): Promise<unknown> {
    const call = new Operation(this, kind, this, bytes, length);
    call.listen(signal, progress);
    if (moved > 0) call.move(moved);
    this.calls.add(call);
    this.run();
    return call.promise;
  }

  /** Carries out a call, after those before it, while the thread stands still. */
  protected block(call: BlockingCall, timeoutMs: number): unknown {
    const deadline = platform.performance.now() + timeoutMs;
    this.calls.add(call);
    for (;;) {
      const word = this.work();
      if (call.queue === undefined) break;
      const leftMs = deadline - platform.performance.now();
      if (leftMs <= 0) {
        this.remove(call);
        call.fail(timeoutError(call, timeoutMs));
        break;
      }
      if (word === TURN || this.#look(word, Math.min(BLOCKING_MS, leftMs))) continue;
      const value = this.#fallAsleep(word);
      if (value === 0) continue;
      // A wait by a promise on the same mutex would be woken instead of this one, and this thread could not hear of it.
      if (word === this.mutex && this.#asleep.has(word)) Atomics.notify(this.words, word);
      Atomics.wait(this.words, word, value, leftMs);
    }
    this.run(); // Those that wait by promises wait on, if they must.
    if (call.failure !== undefined) throw call.failure.reason;
    return call.value;
  }

  /** Goes on with the calls for as long as they need not wait. */
  protected run(): void {
    for (;;) {
      this.workAside();
      const word = this.work();
      const isAside = this.aside.first !== undefined;
      if (word === TURN) {
        void settled(undefined, 0).then(() => this.run());
      } else if (word !== NOTHING || isAside) {
        const bell = this.pipe.bell;
        if (this.#look(word || bell, ASYNC_MS) || !this.#sleep(word || bell)) continue;
        if (isAside && word === this.mutex && !this.#sleep(bell)) continue;
      }
      this.#keepAlive();
      break;
    }
    tellProgress();
  }

  protected override refresh(): void {
    this.half.own = Atomics.load(this.words, this.#ownCounter);
    this.half.peer = Atomics.load(this.words, this.#peerCounter);
  }

  /** Looks for news for a while, where that pays. Returns whether there are any. */
  #look(word: number, ms: number): boolean {
    return word === this.mutex ? this.#spin.until(this.words, word, WANTED, ms) : this.peerMoves(ms);
  }

  /** Gives notice of a sleep on `word`, and returns the value to sleep on; 0 where there are news and no sleep is due. */
  #fallAsleep(word: number): number {
    if (word === this.mutex) return WANTED;
    const value = announce(this.words, word, this.need());
    const stops = this.calls.first === undefined ? this.pipe.asideStops : this.pipe.stops;
    return hasNews(this.half, this.#peerCounter, stops) ? 0 : value;
  }

  /** Sleeps on `word` by a promise. Returns false where there are news instead. */
  #sleep(word: number): boolean {
    const value = this.#fallAsleep(word);
    if (value === 0) return false;
    if (this.#asleep.has(word)) return true;
    const sleeps = sleepAsync(this.words, word, value, () => {
      this.#asleep.delete(word);
      this.run();
    });
    if (sleeps) this.#asleep.add(word);
    return sleeps;
  }

  #keepAlive(): void {
    const waits = this.#referenced && (this.calls.first !== undefined || this.aside.first !== undefined);
    if (waits) {
      this.#letDie ??= stayAlive();
    } else {
      this.#letDie?.();
      this.#letDie = undefined;
    }
  }

  #watch(latch: Latch): void {
    for (;;) {
      const state = Atomics.load(this.words, STATE);
      if (this.isOver(state)) return latch.open();
      if (sleepAsync(this.words, STATE, state, () => this.#watch(latch))) return;
    }
  }
}
