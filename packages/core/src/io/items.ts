import { fairTurn, rejected, settled } from "../pipe/budget.ts";
import { type Aborter, abortController } from "../platform.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { signalOf } from "../options.ts";
import type { IterationOptions, Reader } from "../types.ts";

/** Where an iteration gets its items from. */
export interface ItemSource<T> {
  /** Takes the next available item. Returns `undefined` if more bytes must be read first. */
  next(): T | undefined;
  /** Takes the last item at the end of the stream. Returns `undefined` if there is none. */
  last(): T | undefined;
  /** Reads once. Resolves with `false` at the end. */
  more(signal: AbortSignal | undefined): Promise<boolean>;
  /** Puts back the bytes that were read but belong to no item taken so far. */
  giveBack(): void;
}

type Step<T> = IteratorResult<T, undefined>;

/** A pending step. */
interface Waiting<T> {
  resolve(step: Step<T>): void;
  reject(reason: unknown): void;
}

const done = (): Step<never> => ({ done: true, value: undefined });

/**
 * An iteration over items that are made from a reader's bytes. Overlapping steps are served in order. A step whose item is available does
 * not queue.
 */
export class Items<T> implements AsyncIterableIterator<T, undefined>, AbortListener {
  readonly #reader: Reader;
  readonly #source: ItemSource<T>;
  readonly #preventClose: boolean;
  /** The signal of the iteration, with a listener on it. Cleared by {@link #finish}. */
  #signal: Abortable | undefined;
  /** Aborts the pending read of a reader that stays open. Otherwise the close of the reader ends that read. */
  readonly #withdrawal: Aborter | undefined;
  /** The pending steps, in order. While there are any, {@link #serve} runs. */
  readonly #steps: Array<Waiting<T>> = [];
  #serving = false;
  /** Whether every later step reports the end. */
  #done = false;
  /** The error of the next step, if the signal was aborted while no step was pending. */
  #failure: { readonly reason: unknown } | undefined;

  constructor(reader: Reader, source: ItemSource<T>, options: IterationOptions | undefined) {
    this.#reader = reader;
    this.#source = source;
    this.#preventClose = options?.preventClose === true;
    this.#withdrawal = this.#preventClose ? abortController() : undefined;
    const signal = signalOf(options);
    this.#signal = signal;
    if (signal?.aborted) this.handleEvent();
    else if (signal !== undefined) listen(signal, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step<T>> {
    if (!this.#serving) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) return rejected(failure.reason);
      if (this.#done) return settled(done(), 0);
      try {
        const value = this.#source.next();
        if (value !== undefined) return settled({ done: false, value }, 0);
      } catch (error) {
        this.#fail(error);
        return rejected(error);
      }
    }
    return new Promise((resolve, reject) => {
      this.#steps.push({ resolve, reject });
      if (!this.#serving) void this.#serve();
    });
  }

  /** The consumer leaves the loop: pending steps report the end, and the reader is closed unless `preventClose` is set. */
  return(): Promise<Step<T>> {
    this.#leave(undefined);
    this.#failure = undefined;
    if (!this.#preventClose) this.#reader.close();
    return settled(done(), 0);
  }

  /** The signal was aborted: the first pending step rejects with its reason, or the next step if none is pending. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    if (!this.#leave({ reason })) this.#failure = { reason };
    if (!this.#preventClose) this.#reader.closeWithError(reason);
  }

  /** Serves the pending steps until none is left. */
  async #serve(): Promise<void> {
    this.#serving = true;
    try {
      while (this.#steps.length > 0 && !this.#done) {
        let value = this.#source.next();
        if (value === undefined) {
          const more = await this.#source.more(this.#withdrawal?.signal);
          if (this.#done) break;
          if (more) continue;
          value = this.#source.last();
          this.#finish();
        }
        if (value !== undefined) this.#steps.shift()?.resolve({ done: false, value });
        const turn = fairTurn(0);
        if (turn !== undefined) await turn;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#serving = false;
    // Includes steps that were queued while this method waited.
    if (this.#done) for (const step of this.#steps.splice(0)) step.resolve(done());
    if (this.#done && this.#preventClose) this.#source.giveBack();
  }

  /** Ends the iteration with an error of the reader or of the source. The reader is closed, so that the writer does not wait forever. */
  #fail(error: unknown): void {
    if (this.#done) return; // The consumer has left, so there is no step to reject.
    this.#leave({ reason: error });
    if (!this.#preventClose) this.#reader.closeWithError(error);
  }

  /** Ends the pending steps, the first one with the failure if there is one. Returns whether there were any. */
  #leave(failure: { readonly reason: unknown } | undefined): boolean {
    this.#finish();
    const [first, ...rest] = this.#steps.splice(0);
    if (failure === undefined) first?.resolve(done());
    else first?.reject(failure.reason);
    for (const step of rest) step.resolve(done());
    this.#withdrawal?.abort(null); // Before giveBack(), because the pending read would take the returned bytes.
    if (this.#preventClose) this.#source.giveBack();
    return first !== undefined;
  }

  #finish(): void {
    this.#done = true;
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#signal = undefined;
  }
}
