import { type Abortable, abortable } from "./signal.ts";
import type { Progress } from "./types.ts";
import { describe } from "./value.ts";

/** The default bound of a chunk, in bytes. */
export const DEFAULT_MAX_BYTES = 65_536;

/**
 * The signal an operation was given.
 *
 * @throws {TypeError} If it is not an `AbortSignal`.
 */
export function signalOf(
  options: { readonly signal?: AbortSignal | undefined } | undefined,
): Abortable | undefined {
  return options?.signal === undefined ? undefined : abortable(options.signal);
}

/**
 * The progress an operation was given, set to 0: an operation that fails at once has moved nothing.
 *
 * @throws {TypeError} If it is not an object, or one whose `bytes` cannot be set.
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
 * The bound in bytes an operation was given. `Infinity` is one.
 *
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not an integer, or less than 1.
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
 * The `chunkSize` a helper was given.
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
 * Checks a number that a caller passed.
 *
 * @param name The parameter, for the message: `"chunkSize"`.
 * @throws {TypeError} If it is not a number.
 * @throws {RangeError} If it is not an integer, or less than `least`.
 */
export function requireInteger(name: string, value: unknown, least: number): asserts value is number {
  if (Number.isInteger(value) && (value as number) >= least) return;
  const Misuse = typeof value === "number" ? RangeError : TypeError;
  throw new Misuse(`${name} must be an integer of at least ${least}; got ${describe(value)}`);
}
