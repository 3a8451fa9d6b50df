import type { Failure, Operation } from "../pipe/operation.ts";
import { Waiter } from "../sync/waiters.ts";
import { describe } from "../value.ts";
import { mayBlock } from "./platform.ts";

/** Options of the blocking calls. */
export interface BlockingOptions {
  /**
   * The maximum time that the call may take, in milliseconds: a number of at least 0.
   *
   * @default {Infinity}
   */
  readonly timeoutMs?: number | undefined;
}

/** A call that blocks its thread. It has the members of an `Operation` that an end uses. */
export class BlockingCall extends Waiter {
  /** The end that was called. */
  readonly caller: object;
  readonly kind: number;
  readonly bytes: Uint8Array | undefined;
  readonly length: number;
  /** Whether a read continues until its array is full. */
  readonly fill: boolean;
  moved = 0;
  /** The result, once the call has left its line. Set by {@link settle} and {@link fail}. */
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

  /** Always true, because the array cannot be detached while its thread is blocked. */
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
 * Returns the `timeoutMs` option.
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
    `Cannot block in ${call}: this thread must not block, like the main thread of a page; use ${instead}, or a worker`,
  );
}
