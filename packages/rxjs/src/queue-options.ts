import { describe, requireInteger } from "@pipe512/core/adapter";

/**
 * What happens to a value that does not fit into the queue. `"error"` fails with an `OverflowError`. `"drop-newest"`
 * drops that value. `"drop-oldest"` drops the oldest queued values, except the one being written.
 */
export type Overflow = "error" | "drop-newest" | "drop-oldest";

/** Options of the queue for values of an Observable, which has no backpressure. */
export interface QueueOptions {
  /**
   * The maximum number of queued bytes, in addition to those in the pipe; an integer of at least 1. Values are queued
   * whole, so a value longer than this never fits. Each queued value needs about 250 bytes of memory besides its own
   * bytes.
   *
   * @default {65536}
   */
  readonly maxBytes?: number | undefined;
  /** What happens to a value that does not fit. @default {"error"} */
  readonly overflow?: Overflow | undefined;
  /**
   * Called with the number of bytes dropped, once for each value that did not fit. If it throws, the pipe fails with
   * that error.
   */
  readonly onDrop?: ((bytes: number) => void) | undefined;
  /**
   * Transfers ownership of the source's arrays, which must not be touched again. They are not copied, and a reader of
   * owned chunks may get the same array.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** {@link QueueOptions}, checked and with defaults filled in. */
export interface QueueRules {
  readonly maxBytes: number;
  readonly overflow: Overflow;
  readonly onDrop: (bytes: number) => void;
  readonly transfer: boolean;
}

const POLICIES = ["error", "drop-newest", "drop-oldest"];

/**
 * Checks the options of a queue and fills in the defaults.
 *
 * @throws {TypeError} If an option is of the wrong type, or `overflow` is not one of its three values.
 * @throws {RangeError} If `maxBytes` is not an integer, or less than 1.
 */
export function queueRules(options: QueueOptions = {}): QueueRules {
  const { maxBytes = 65_536, overflow = "error", onDrop = () => {}, transfer = false } = options;
  requireInteger("maxBytes", maxBytes, 1);
  if (!POLICIES.includes(overflow)) {
    throw new TypeError(
      `overflow must be "error", "drop-newest" or "drop-oldest"; got ${describe(overflow)}`,
    );
  }
  if (typeof onDrop !== "function") throw new TypeError(`onDrop must be a function; got ${describe(onDrop)}`);
  return { maxBytes, overflow, onDrop, transfer };
}
