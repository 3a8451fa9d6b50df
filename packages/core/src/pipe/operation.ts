import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { Waiter } from "../sync/waiters.ts";
import type { Progress } from "../types.ts";
import { isAnyPostponed, postpone, spend, spendOnWrite } from "./budget.ts";

/** The kinds of operations. They are integers because the pipe compares them at every step. */
export const WRITE = 0;
/** Waits for the writes before it, and then until their bytes are read. */
export const FLUSH = 1;
/** A read into the caller's array. */
export const READ = 2;
/** A read of a chunk that the caller owns. */
export const CHUNK = 3;
/** A step of an iteration over such chunks. */
export const NEXT = 4;
/** A step of an iteration over borrowed views. */
export const VIEW = 5;

/** The methods of the pipe that its operations call. */
export interface Operator {
  /** Continues an operation that has acquired the mutex, or that was notified. */
  goOn(operation: Operation): void;
  /** Ends an operation whose signal was aborted. */
  abort(operation: Operation, reason: unknown): void;
}

/** An error that ends an operation. It is wrapped in an object because it may be any value, `undefined` too. */
export interface Failure {
  readonly reason: unknown;
}

/** The members of an iteration that the pipe uses. */
export interface Stepper {
  /** Identifies the iteration while it borrows a view. */
  readonly token: object;
  /** Makes every later step report the end. */
  finish(): void;
}

/** A pending call. It waits for the mutex, for room, or for bytes. */
export class Operation extends Waiter implements AbortListener {
  private readonly pipe: Operator;
  readonly kind: number;
  /** The end, or the iteration that holds it. This reference keeps the end from being collected during the call. */
  readonly caller: object;
  /** The array that the caller passed to a write or a read. */
  readonly bytes: Uint8Array | undefined;
  /**
   * In bytes. With an array: its length at the call. For a chunk: its maximum length. For a flush: the total number of
   * bytes that must be read.
   */
  length: number;
  readonly promise: Promise<unknown>;

  /** Number of bytes that this call has moved. Advanced by {@link move}. */
  moved = 0;
  /** Whether the array of a write may be passed to a reader without a copy. The pipe clears it with the first copied byte. */
  whole = false;
  /** Whether a consumer borrows the rest of this write. The write settles when the view is returned. Set by the pipe. */
  lent = false;
  /** Whether the promise settles one microtask later than it could. Set by the pipe. */
  late = false;
  /** The result of a read, or the outcome that is still to be delivered. Set by the pipe, and by {@link postpone}. */
  value: unknown = undefined;

  /** The kind of a deferred outcome: {@link value} is a result or an error. Set by {@link postpone}. */
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
    if (this.progress !== undefined) outdated.push(this);
  }

  /** Resolves the operation with `value`, and charges `bytes` bytes to the budget. */
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

  /** Rejects the operation with `reason`: at once, or later if the budget is used up. */
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

  /** Updates the caller's `progress`. If `bytes` is a setter, this runs the caller's code, which may throw. */
  tell(): void {
    try {
      (this.progress as Progress).bytes = this.moved;
    } catch (error) {
      void Promise.reject(error); // Reported as an unhandled rejection, because no call of the pipe has failed.
    }
  }

  /** Called once, when the operation ends. The diagnostics replace this method. */
  forget(): void {
    if (this.signal !== undefined) unlisten(this.signal, this);
    this.signal = undefined;
  }
}

/** Operations whose `progress` is out of date. */
const outdated: Operation[] = [];

/**
 * Updates the `progress` of these operations. The pipe calls it as the last step, because a setter in `progress` may call
 * the pipe again, whose state must then be consistent.
 */
export function tellProgress(): void {
  while (outdated.length > 0) (outdated.shift() as Operation).tell();
}
