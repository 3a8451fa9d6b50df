// What the diagnostics use of the platform, described by the little of it that is used and looked up when it is used: a test that
// sets the clock sets it for them too.

interface Platform {
  readonly performance?: { now(): number };
  readonly Deno?: { unrefTimer?(timer: unknown): void };
  setTimeout?(callback: () => void, ms: number): unknown;
  clearTimeout?(timer: unknown): void;
}

const platform = globalThis as Platform;

/** A time in milliseconds, of which differences count. */
export function now(): number {
  return platform.performance?.now() ?? Date.now();
}

/** Calls `callback` in so many milliseconds, if the program is still there: who only watches keeps no process alive. */
export function startTimer(callback: () => void, ms: number): unknown {
  const timer = platform.setTimeout?.(callback, ms);
  if (typeof timer === "number") platform.Deno?.unrefTimer?.(timer);
  else (timer as { unref?(): void } | undefined)?.unref?.();
  return timer;
}

export function stopTimer(timer: unknown): void {
  platform.clearTimeout?.(timer);
}

/** What V8 has, and JavaScriptCore by now, to leave the frames of a library out of a stack. */
interface Capturing {
  captureStackTrace?(into: object, upTo: (...args: never[]) => unknown): void;
}

/**
 * Where `maker` was called from, one frame a line, as the engine writes them.
 *
 * A string at once: an error that is kept for later keeps the functions of its frames alive.
 */
export function callersOf(maker: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {};
  const capturing = Error as Capturing;
  if (capturing.captureStackTrace === undefined) holder.stack = new Error().stack ?? "";
  else capturing.captureStackTrace(holder, maker);
  const lines = (holder.stack ?? "").split("\n").map((line) => line.trim());
  // V8 begins with the name of the error, others with the first frame.
  const frames = lines.filter((line) => line !== "" && !/^\w*Error\b(?!.*@)/.test(line));
  const first = frames.findIndex((frame) => !OWN_FILES.test(frame));
  return frames.slice(Math.max(first, 0)).join("\n");
}

/** Files of these packages, installed or in their repository. Where they are bundled, the makers are left out by `captureStackTrace` alone. */
const OWN_FILES = /[\\/](?:@pipe512|packages)[\\/](?:core|node|web|rxjs|nats)[\\/](?:src|dist)[\\/]/;
