import { type Abortable, abortable } from "./signal.ts";
import type { Progress } from "./types.ts";
import { describe } from "./value.ts";

/** The default maximum length of a chunk, in bytes. */
export const DEFAULT_MAX_BYTES = 65_536;

/**
 * Returns the `signal` option.
 *
 * @throws {TypeError} If it is not an `AbortSignal`.
 */
export function signalOf(
  options: { readonly signal?: AbortSignal | undefined } | undefined,
): Abortable | undefined {
  return options?.signal === undefined ? undefined : abortable(options.signal);
}

/**
 * Returns the `progress` option and sets its `bytes` to 0, so that it is right even if the operation fails at once.
 *
 * @throws {TypeError} If it is not an object.
 * @throws {TypeError} If its `bytes` cannot be set.
 */
export function progressOf(
  options: { readonly progress?: Progress | undefined } | undefined,
): Progress | undefined {
  const progress = options?.progress;
  if (progress === undefined) return undefined;
  if (typeof progress !== "object" || progress === null) {
    throw new TypeError(`progress must be an object such as { bytes: 0 }; got ${describe(progress)}`);
  }
  progress.bytes = 0;
  return progress;
}

/**
 * Returns the `maxBytes` option: an integer of at least 1, or `Infinity`.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is neither an integer of at least 1 nor `Infinity`.
 */
export function maxBytesOf(
  options: { readonly maxBytes?: number | undefined } | undefined,
  defaultBytes: number = DEFAULT_MAX_BYTES,
): number {
  const maxBytes = options?.maxBytes ?? defaultBytes;
  if (maxBytes !== Number.POSITIVE_INFINITY) requireInteger("maxBytes", maxBytes, 1);
  return maxBytes;
}

/**
 * Returns the `chunkSize` option, in bytes.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not an integer, or less than 1.
 */
export function chunkSizeOf(options: { readonly chunkSize?: number | undefined } | undefined): number {
  const chunkSize = options?.chunkSize ?? DEFAULT_MAX_BYTES;
  requireInteger("chunkSize", chunkSize, 1);
  return chunkSize;
}

/**
 * Checks that a value that a caller passed is an integer of at least `least`.
 *
 * @param name The parameter's name, for the message: `"chunkSize"`.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not an integer, or less than `least`.
 */
export function requireInteger(name: string, value: unknown, least: number): asserts value is number {
  if (Number.isInteger(value) && (value as number) >= least) return;
  const Misuse = typeof value === "number" ? RangeError : TypeError;
  throw new Misuse(`${name} must be an integer of at least ${least}; got ${describe(value)}`);
}
