import type { Failure, Operation } from "../pipe/operation.ts";
import { Waiter } from "../sync/waiters.ts";
import { describe } from "../value.ts";
import { mayBlock } from "./platform.ts";

/** Options of the calls that block. */
export interface BlockingOptions {
  /**
   * How long the call may take, in milliseconds.
   *
   * @default {Infinity}
   */
  readonly timeoutMs?: number | undefined;
}

/** A call that blocks its thread. To an end it is like any other. */
export class BlockingCall extends Waiter {
  /** The end that was called. */
  readonly caller: object;
  readonly kind: number;
  readonly bytes: Uint8Array | undefined;
  readonly length: number;
  /** Whether a read goes on until its array is full. */
  readonly fill: boolean;
  moved = 0;
  /** What came of it, once it waits in no line any more. Set by {@link settle} and {@link fail}. */
  value: unknown = undefined;
  failure: Failure | undefined = undefined;

  constructor(caller: object, kind: number, bytes: Uint8Array, fill = false) {
    super();
    this.caller = caller;
    this.kind = kind;
    this.bytes = bytes;
    this.length = bytes.length;
    this.fill = fill;
  }

  /** The array cannot be detached while its thread blocks. */
  get intact(): boolean {
    return true;
  }

  move(bytes: number): void {
    this.moved += bytes;
  }

  settle(value: unknown): void {
    this.value = value;
  }

  fail(reason: unknown): void {
    this.failure = { reason };
  }

  resume(): void {}
}

export type Call = Operation | BlockingCall;

/**
 * Checks the time that a call was given.
 *
 * @throws {RangeError} If it is not a number of at least 0.
 */
export function timeoutOf(options: BlockingOptions | undefined): number {
  const { timeoutMs = Number.POSITIVE_INFINITY } = options ?? {};
  if (typeof timeoutMs === "number" && timeoutMs >= 0) return timeoutMs;
  throw new RangeError(`timeoutMs must be a number of at least 0; got ${describe(timeoutMs)}`);
}

let may: boolean | undefined;

/** @throws {TypeError} If this thread must not block. */
export function requireBlocking(call: string, instead: string): void {
  may ??= mayBlock();
  if (may) return;
  throw new TypeError(
    `Cannot block in ${call} as this thread must not, like every window: use ${instead}, or a worker`,
  );
}
