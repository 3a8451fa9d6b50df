import { fairTurn, rejected, settled } from "../pipe/budget.ts";
import { type Aborter, abortController } from "../platform.ts";
import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { signalOf } from "../options.ts";
import type { IterationOptions, Reader } from "../types.ts";

/** Where an iteration gets its items from. */
export interface ItemSource<T> {
  /** Takes the next item that is there, or `undefined` where more must be read first. */
  next(): T | undefined;
  /** Takes what is left at the end of the stream, or `undefined` if nothing is. */
  last(): T | undefined;
  /** Reads once, and resolves with `false` at the end. */
  more(signal: AbortSignal | undefined): Promise<boolean>;
  /** Puts back what was read and of which no item was taken. */
  giveBack(): void;
}

type Step<T> = IteratorResult<T, undefined>;

/** A step that waits. */
interface Waiting<T> {
  resolve(step: Step<T>): void;
  reject(reason: unknown): void;
}

const done = (): Step<never> => ({ done: true, value: undefined });

/**
 * An iteration over what is made of a reader's bytes. Steps that are taken at once are served in their order. A step whose item is there
 * makes no promise that waits.
 */
export class Items<T> implements AsyncIterableIterator<T, undefined>, AbortListener {
  readonly #reader: Reader;
  readonly #source: ItemSource<T>;
  readonly #preventClose: boolean;
  /** Listened to from the start until the end. Cleared by {@link #finish}. */
  #signal: Abortable | undefined;
  /** Gives up the read in progress of a reader that stays open. Closing ends it otherwise. */
  readonly #withdrawal: Aborter | undefined;
  /** The steps that wait. While there are any, {@link #serve} runs. */
  readonly #steps: Array<Waiting<T>> = [];
  #serving = false;
  /** Whether no step brings anything any more. */
  #done = false;
  /** What the next step is to be rejected with, where the abort met none that waited. */
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

  /** The consumer leaves: steps that wait are done, and the reader is closed unless that was prevented. */
  return(): Promise<Step<T>> {
    this.#leave(undefined);
    this.#failure = undefined;
    if (!this.#preventClose) this.#reader.close();
    return settled(done(), 0);
  }

  /** The signal was aborted: the step that waits is rejected with its reason, or else the next one. */
  handleEvent(): void {
    const reason = this.#signal?.reason;
    if (!this.#leave({ reason })) this.#failure = { reason };
    if (!this.#preventClose) this.#reader.closeWithError(reason);
  }

  /** Reads for the steps that wait, until none does. */
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
    // Those that came while this waited for its turn, too.
    if (this.#done) for (const step of this.#steps.splice(0)) step.resolve(done());
    if (this.#done && this.#preventClose) this.#source.giveBack();
  }

  /** Ends with an error of the reader or of what was made of its bytes. The writer must not wait in vain. */
  #fail(error: unknown): void {
    if (this.#done) return; // The consumer has left, and no step would be notified.
    this.#leave({ reason: error });
    if (!this.#preventClose) this.#reader.closeWithError(error);
  }

  /** Ends the steps that wait, the first with the failure if there is one, and returns whether there were any. */
  #leave(failure: { readonly reason: unknown } | undefined): boolean {
    this.#finish();
    const [first, ...rest] = this.#steps.splice(0);
    if (failure === undefined) first?.resolve(done());
    else first?.reject(failure.reason);
    for (const step of rest) step.resolve(done());
    this.#withdrawal?.abort(null); // First, or the read in progress would take what is given back.
    if (this.#preventClose) this.#source.giveBack();
    return first !== undefined;
  }

  #finish(): void {
    this.#done = true;
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#signal = undefined;
  }
}
