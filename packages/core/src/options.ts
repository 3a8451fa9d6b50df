import { type Abortable, abortable } from "./signal.ts";
import type { Progress } from "./types.ts";
import { describe } from "./value.ts";

/** The longest chunk that is read unless told otherwise, in bytes. */
export const DEFAULT_MAX_BYTES = 65_536;

/**
 * Takes the signal an operation was given.
 *
 * @throws {TypeError} If it is no `AbortSignal`.
 */
export function signalOf(
  options: { readonly signal?: AbortSignal | undefined } | undefined,
): Abortable | undefined {
  return options?.signal === undefined ? undefined : abortable(options.signal);
}

/**
 * Takes the progress an operation was given, and sets it to 0: an operation that fails at once has moved nothing.
 *
 * @throws {TypeError} If it is no object, or one whose `bytes` cannot be set.
 */
export function progressOf(
  options: { readonly progress?: Progress | undefined } | undefined,
): Progress | undefined {
  const progress = options?.progress;
  if (progress === undefined) return undefined;
  if (typeof progress !== "object" || progress === null) {
    throw new TypeError(`Cannot keep progress in ${describe(progress)}: give an object such as { bytes: 0 }`);
  }
  progress.bytes = 0;
  return progress;
}

/**
 * Takes a bound in bytes.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no integer, or less than 1.
 */
export function maxBytesOf(
  options: { readonly maxBytes?: number | undefined } | undefined,
  defaultBytes: number = DEFAULT_MAX_BYTES,
): number {
  const maxBytes = options?.maxBytes ?? defaultBytes;
  if (typeof maxBytes !== "number") {
    throw new TypeError(`Cannot use maxBytes as it must be a number: received ${describe(maxBytes)}`);
  }
  if (!(Number.isInteger(maxBytes) || maxBytes === Number.POSITIVE_INFINITY) || maxBytes < 1) {
    throw new RangeError(`Cannot use maxBytes as it must be an integer of at least 1: received ${maxBytes}`);
  }
  return maxBytes;
}
