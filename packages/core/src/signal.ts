import { describe } from "./value.ts";

/** What this package needs of an `AbortSignal`, whose own type belongs to the platform. */
export interface Abortable {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: AbortListener): void;
  removeEventListener(type: "abort", listener: AbortListener): void;
}

/** An object as a listener, as EventTarget allows: it costs no closure. */
export interface AbortListener {
  handleEvent(): void;
}

/**
 * Takes a signal for what it is.
 *
 * @throws {TypeError} If `signal` is no `AbortSignal`.
 */
export function abortable(signal: AbortSignal): Abortable {
  const candidate = signal as Partial<Abortable> | null;
  if (
    typeof candidate !== "object" ||
    typeof candidate?.aborted !== "boolean" ||
    typeof candidate.addEventListener !== "function"
  ) {
    throw new TypeError(`Cannot wait with a signal that is no AbortSignal: received ${describe(signal)}`);
  }
  return candidate as Abortable;
}
