// The platform APIs that the diagnostics use. They are looked up at each use, so that a test's fake clock applies.

interface Platform {
  readonly performance?: { now(): number };
  readonly Deno?: { unrefTimer?(timer: unknown): void };
  setTimeout?(callback: () => void, ms: number): unknown;
  clearTimeout?(timer: unknown): void;
}

const platform = globalThis as Platform;

/** A time in milliseconds from an arbitrary origin. */
export function now(): number {
  return platform.performance?.now() ?? Date.now();
}

/** Calls `callback` after `ms` milliseconds. The timer does not keep the process alive. */
export function startTimer(callback: () => void, ms: number): unknown {
  const timer = platform.setTimeout?.(callback, ms);
  if (typeof timer === "number") platform.Deno?.unrefTimer?.(timer);
  else (timer as { unref?(): void } | undefined)?.unref?.();
  return timer;
}

export function stopTimer(timer: unknown): void {
  platform.clearTimeout?.(timer);
}

/** A function of V8 and recent JavaScriptCore that omits the frames of a library from a stack. */
interface Capturing {
  captureStackTrace?(into: object, upTo: (...args: never[]) => unknown): void;
}

/**
 * Returns the stack above `maker`, one frame a line, in the engine's format.
 *
 * It is formatted immediately, because a stored error would keep the functions of its frames alive.
 */
export function callersOf(maker: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {};
  const capturing = Error as Capturing;
  if (capturing.captureStackTrace === undefined) holder.stack = new Error().stack ?? "";
  else capturing.captureStackTrace(holder, maker);
  const lines = (holder.stack ?? "").split("\n").map((line) => line.trim());
  // In V8 the first line is the name of the error, in other engines it is the first frame.
  const frames = lines.filter((line) => line !== "" && !/^\w*Error\b(?!.*@)/.test(line));
  const first = frames.findIndex((frame) => !OWN_FILES.test(frame));
  return frames.slice(Math.max(first, 0)).join("\n");
}

/** Matches files of these packages, installed or in their repository. In a bundle only `captureStackTrace` omits frames. */
const OWN_FILES = /[\\/](?:@pipe512|packages)[\\/](?:core|node|web|rxjs|nats)[\\/](?:src|dist)[\\/]/;
