import { post } from "../pipe/observer.ts";
import { property } from "../requirement.ts";
import { describe } from "../value.ts";
import { Registry, type Watcher } from "./registry.ts";
import type { LeakReport, PipeReport, StallReport } from "./report.ts";
import { Stalls } from "./stalls.ts";
import type { WatchedPipe } from "./watched-pipe.ts";

/** Options of {@link watch}. An error that a listener throws is reported as an unhandled rejection. */
export interface WatchOptions {
  /**
   * The time that an operation may be pending before it is reported to `onStall`, in milliseconds: 1 to 2,147,483,647.
   *
   * @default {5000}
   */
  readonly stallAfterMs?: number | undefined;
  /**
   * Called once for each operation that has been pending for `stallAfterMs`. An operation that waits for an earlier one of
   * its own side is reported only once it waits for the other side.
   */
  readonly onStall?: ((report: StallReport) => void) | undefined;
  /**
   * Called once for each pipe of which an end was garbage-collected without `close()`. A reader that has met the end is not
   * reported, nor is an end whose other end was closed.
   */
  readonly onLeak?: ((report: LeakReport) => void) | undefined;
  /** Called for each new pipe, within the call that makes it. */
  readonly onOpen?: ((report: PipeReport) => void) | undefined;
  /** Called for each pipe that can move no more bytes: its reader was closed, was collected, or has met the end. */
  readonly onClose?: ((report: PipeReport) => void) | undefined;
}

/** An active watch. */
export interface Watch {
  /** Ends the watch, and first reports leaks that are known by now. A second call has no effect. */
  stop(): void;
  /** Calls {@link stop}, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Watches every pipe that is made from now on, in all copies of this package, until the watch is stopped. Existing pipes are
 * not watched. Several watches may be on at once. A watch keeps neither pipes nor the process alive.
 *
 * While a watch is on, making a pipe takes some microseconds more, because its creation stack is stored; so does each wait.
 * Without a watch, the diagnostics cost nothing.
 *
 * @example
 * ```ts
 * using watching = watch({ onStall: ({ pipe, explanation }) => console.warn(pipe.name, explanation, pipe.stack) });
 * ```
 *
 * @throws {TypeError} If a listener is not a function, or `stallAfterMs` is not a number.
 * @throws {RangeError} If `stallAfterMs` is not between 1 and 2,147,483,647, the longest delay of a timer.
 */
export function watch(options: WatchOptions = {}): Watch {
  const watching = new Watching(options);
  watching.start();
  const stop = (): void => watching.stop();
  return { stop, [Symbol.dispose]: stop };
}

/**
 * Returns the watched pipes that can still move bytes, in the order in which they were made. Conversions without a pipe
 * that have a pending call follow. The array is empty while no watch is on.
 */
export function snapshot(): PipeReport[] {
  const watched = (post.observer as Registry | undefined)?.watched ?? [];
  return Array.from(watched, (one) => one.report());
}

/**
 * Returns the watched pipe that rejected a call with `error`. If there is none, the causes of `error` are searched in turn,
 * up to eight errors in total. Returns `undefined` if no watched pipe is found.
 */
export function pipeOf(error: unknown): PipeReport | undefined {
  const registry = post.observer as Registry | undefined;
  let cause = error;
  for (let depth = 0; depth < MOST_CAUSES && typeof cause === "object" && cause !== null; depth += 1) {
    const found = registry?.pipeOf(cause);
    if (found !== undefined) return found.report();
    cause = property(cause, "cause");
  }
  return undefined;
}

/** A limit, because causes may form a cycle. */
const MOST_CAUSES = 8;

const LISTENERS = ["onStall", "onLeak", "onOpen", "onClose"] as const;
/** A timer with a longer delay fires at once, on every platform. */
const LONGEST_TIMER_MS = 2_147_483_647;

class Watching implements Watcher {
  readonly #options: WatchOptions;
  readonly #stallAfterMs: number;
  /** `undefined` before {@link start} and after {@link stop}. */
  #registry: Registry | undefined = undefined;
  #stalls: Stalls | undefined = undefined;

  constructor(options: WatchOptions) {
    for (const name of LISTENERS) {
      const listener = options[name];
      if (listener !== undefined && typeof listener !== "function") {
        throw new TypeError(`${name} must be a function; got ${describe(listener)}`);
      }
    }
    this.#options = { ...options };
    this.#stallAfterMs = stallAfter(options);
  }

  start(): void {
    const registry = (post.observer ??= new Registry()) as Registry;
    this.#registry = registry;
    const { onStall } = this.#options;
    if (onStall !== undefined) {
      this.#stalls = new Stalls(registry, this.#stallAfterMs, (report) => tell(onStall, report));
    }
    registry.watchers.add(this);
  }

  stop(): void {
    const registry = this.#registry;
    if (registry === undefined) return;
    registry.tellLosses();
    this.#registry = undefined;
    this.#stalls?.stop();
    this.#stalls = undefined;
    registry.watchers.delete(this);
    if (registry.watchers.size > 0) return;
    post.observer = undefined;
    registry.close();
  }

  opened(pipe: WatchedPipe): void {
    const { onOpen } = this.#options;
    if (onOpen !== undefined) tell(onOpen, pipe.report());
  }

  began(): void {
    this.#stalls?.expect();
  }

  closed(report: PipeReport): void {
    tell(this.#options.onClose, report);
  }

  leaked(report: LeakReport): void {
    tell(this.#options.onLeak, report);
  }
}

function stallAfter({ stallAfterMs = 5000 }: WatchOptions): number {
  if (typeof stallAfterMs !== "number") {
    throw new TypeError(`stallAfterMs must be a number; got ${describe(stallAfterMs)}`);
  }
  if (!(stallAfterMs >= 1 && stallAfterMs <= LONGEST_TIMER_MS)) {
    throw new RangeError(`stallAfterMs must be 1 to ${LONGEST_TIMER_MS}; got ${stallAfterMs}`);
  }
  return stallAfterMs;
}

/** Calls a listener. An error that it throws must not fail the pipe. */
function tell<R>(listener: ((report: R) => void) | undefined, report: R): void {
  try {
    listener?.(report);
  } catch (error) {
    void Promise.reject(error); // Reported as an unhandled rejection.
  }
}
