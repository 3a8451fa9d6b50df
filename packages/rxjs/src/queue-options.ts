import { describe, requireInteger } from "@pipe512/core/adapter";

/**
 * What becomes of a value that the queue has no room for. `"error"` fails with an `OverflowError`, `"drop-newest"` drops that
 * value, `"drop-oldest"` drops those that have waited longest, but not the one that is being written.
 */
export type Overflow = "error" | "drop-newest" | "drop-oldest";

/** Options of what takes values from an Observable, which cannot be told to wait. */
export interface QueueOptions {
  /**
   * The most bytes that wait for the reader besides those in the pipe, an integer of at least 1. Values are queued whole:
   * a longer one is never queued. Each that waits takes about 250 bytes of memory more.
   *
   * @default {65536}
   */
  readonly maxBytes?: number | undefined;
  /** @default {"error"} */
  readonly overflow?: Overflow | undefined;
  /** Told the bytes that were dropped, once for each value that had no room. What it throws fails the pipe. */
  readonly onDrop?: ((bytes: number) => void) | undefined;
  /**
   * The source gives its arrays away and does not touch them again: they are not copied, and may reach a reader that
   * takes owned chunks as they are.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** {@link QueueOptions} as they are used: checked, and with their defaults. */
export interface QueueRules {
  readonly maxBytes: number;
  readonly overflow: Overflow;
  readonly onDrop: (bytes: number) => void;
  readonly transfer: boolean;
}

const POLICIES = ["error", "drop-newest", "drop-oldest"];

/**
 * Takes the options of a queue.
 *
 * @throws {TypeError} If one is of the wrong type, or `overflow` is none of the policies.
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
