import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { Waiter } from "../sync/waiters.ts";
import type { Progress } from "../types.ts";
import { isAnyPostponed, postpone, spend, spendOnWrite } from "./budget.ts";

/** What an operation is. Integers, since the pipe asks at every step. */
export const WRITE = 0;
/** What waits behind the writes before it, and then until their bytes are read. */
export const FLUSH = 1;
/** A read into the caller's array. */
export const READ = 2;
/** A read of a chunk that the caller owns. */
export const CHUNK = 3;
/** The same as a step of an iteration. */
export const NEXT = 4;
/** A step of an iteration over borrowed views. */
export const VIEW = 5;

/** The pipe, as its operations know it. */
export interface Operator {
  /** Goes on with an operation that got the lock it waited for, or was notified. */
  goOn(operation: Operation): void;
  /** Takes an operation out whose signal was aborted. */
  abort(operation: Operation, reason: unknown): void;
}

/** An error that ends something. It may be any value, so it stands in an object. */
export interface Failure {
  readonly reason: unknown;
}

/** An iteration, as the pipe knows the caller of its steps. */
export interface Stepper {
  /** Stands for the iteration while it is lent a view. */
  readonly token: object;
  /** No step brings anything any more. */
  finish(): void;
}

/** A call that waits: for its turn, for room, or for bytes. */
export class Operation extends Waiter implements AbortListener {
  private readonly pipe: Operator;
  readonly kind: number;
  /** Who called: an end, or an iteration that holds one. Kept here so that an end is not collected while it waits. */
  readonly caller: object;
  /** The caller's array, of a write or a read. */
  readonly bytes: Uint8Array | undefined;
  /** In bytes: the length of that array at the call; of a read without one, the longest chunk wanted; of a flush, what must be read. */
  length: number;
  readonly promise: Promise<unknown>;

  /** Bytes that this call has moved. Advanced by {@link move}. */
  moved = 0;
  /** Whether a write waits with an array that may be handed over as it is. Cleared by the pipe with the first byte copied out of it. */
  whole = false;
  /** Whether all that was left of this write is lent to a consumer. It settles when that is over. Set and cleared by the pipe. */
  lent = false;
  /** Whether the caller hears of it one microtask later than it could. Set by the pipe. */
  late = false;
  /** What a read has got, once it has; what its caller hears, where that is postponed. Set by the pipe, and by {@link postpone}. */
  value: unknown = undefined;

  /** How the caller hears of the end, where that is postponed. Set by {@link settle} and {@link fail}. */
  private outcome: "value" | "reason" | undefined = undefined;
  private resolve!: (value: unknown) => void;
  private reject!: (reason: unknown) => void;
  /** Set by {@link listen}; cleared when the operation settles. */
  private signal: Abortable | undefined = undefined;
  private progress: Progress | undefined = undefined;

  constructor(pipe: Operator, kind: number, caller: object, bytes: Uint8Array | undefined, length: number) {
    super();
    this.pipe = pipe;
    this.kind = kind;
    this.caller = caller;
    this.bytes = bytes;
    this.length = length;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Whether the caller's array still has the memory it had at the call. */
  get intact(): boolean {
    return (this.bytes as Uint8Array).length >= this.length;
  }

  listen(signal: Abortable | undefined, progress: Progress | undefined): void {
    this.signal = signal;
    this.progress = progress;
    if (signal !== undefined) listen(signal, this);
  }

  handleEvent(): void {
    this.pipe.abort(this, this.signal?.reason);
  }

  /** Counts bytes that were moved. */
  move(bytes: number): void {
    this.moved += bytes;
    if (this.progress !== undefined) untold.push(this);
  }

  /** Ends the operation, of which so many bytes count against the budget, with a value. */
  settle(value: unknown, bytes: number): void {
    this.settleIf(spend(bytes), value);
  }

  /** As {@link settle}, for a write. */
  settleWrite(): void {
    this.settleIf(spendOnWrite(this.length), this.length);
  }

  private settleIf(mayGoOn: boolean, value: unknown): void {
    this.forget();
    if (mayGoOn && !this.late && !isAnyPostponed()) this.resolve(value);
    else this.postpone("value", value);
  }

  /** Ends the operation with an error, of which its caller hears at once unless the budget is used up. */
  fail(reason: unknown): void {
    this.forget();
    if (spend(0)) this.reject(reason);
    else this.postpone("reason", reason);
  }

  resume(): void {
    if (this.outcome === undefined) this.pipe.goOn(this);
    else if (this.outcome === "value") this.resolve(this.value);
    else this.reject(this.value);
  }

  private postpone(outcome: "value" | "reason", value: unknown): void {
    this.outcome = outcome;
    this.value = value;
    postpone(this);
  }

  /** Sets the caller's progress. It runs the caller's code where `bytes` is a setter, and whatever that throws is its own error. */
  tell(): void {
    try {
      (this.progress as Progress).bytes = this.moved;
    } catch (error) {
      void Promise.reject(error); // Unhandled on purpose: neither this call nor the one that moved its bytes has failed.
    }
  }

  /** Called once, when the operation ends, however it does. The diagnostics put a method of their own in its place. */
  forget(): void {
    if (this.signal !== undefined) unlisten(this.signal, this);
    this.signal = undefined;
  }
}

/** Operations whose progress their callers do not know yet. */
const untold: Operation[] = [];

/**
 * Tells the callers how far their operations have come. The pipe does it last of all: a progress that is watched may
 * run code that calls back into the pipe, which must find nothing half done.
 */
export function tellProgress(): void {
  while (untold.length > 0) (untold.shift() as Operation).tell();
}
