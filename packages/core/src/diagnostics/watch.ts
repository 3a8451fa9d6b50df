import { post } from "../pipe/observer.ts";
import { property } from "../requirement.ts";
import { describe } from "../value.ts";
import { Registry, type Watcher } from "./registry.ts";
import type { LeakReport, PipeReport, StallReport } from "./report.ts";
import { Stalls } from "./stalls.ts";
import type { WatchedPipe } from "./watched-pipe.ts";

/** Options of {@link watch}. What a listener throws is reported as an unhandled rejection. */
export interface WatchOptions {
  /**
   * How long an operation may wait before `onStall` hears of it, in milliseconds.
   *
   * @default {5000}
   */
  readonly stallAfterMs?: number | undefined;
  /** Told once of each operation that has waited for `stallAfterMs`. One that waits for its turn behind another is not told of before it has it. */
  readonly onStall?: ((report: StallReport) => void) | undefined;
  /** Told once of each pipe of which an end was garbage-collected unclosed. A reader that came to the end, and an end whose other end was closed, need no close. */
  readonly onLeak?: ((report: LeakReport) => void) | undefined;
  /** Told of each pipe as it is made, in the call that makes it. */
  readonly onOpen?: ((report: PipeReport) => void) | undefined;
  /** Told of each pipe through which no byte can move any more: its reader is closed or lost, or has come to the end. */
  readonly onClose?: ((report: PipeReport) => void) | undefined;
}

/** A watch that is on. */
export interface Watch {
  /**
   * Ends it, and tells of ends that are known to be lost by now. Pipes made from now on are as fast as without. A second call changes nothing.
   */
  stop(): void;
  /** As {@link stop}, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Watches every pipe that is made from now on, in all copies of this package, until it is stopped. Nothing is kept alive by it, and no
 * process. Pipes that were made before are not seen. Several watches may be on at once.
 *
 * While it is on, making a pipe takes some microseconds more (its creation stack is kept), and so does waiting. While none is on,
 * it costs nothing.
 *
 * @example
 * ```ts
 * using watching = watch({ onStall: ({ pipe, explanation }) => console.warn(pipe.name, explanation, pipe.stack) });
 * ```
 *
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {RangeError} If `stallAfterMs` is not between 1 and 2,147,483,647, the most a timer can count.
 */
export function watch(options: WatchOptions = {}): Watch {
  const watching = new Watching(options);
  watching.start();
  const stop = (): void => watching.stop();
  return { stop, [Symbol.dispose]: stop };
}

/**
 * The pipes that were made under watch and are not over, in the order in which they were made, then the conversions without a pipe of their own
 * in which a call waits. Nothing where no watch is on.
 */
export function snapshot(): PipeReport[] {
  const watched = (post.observer as Registry | undefined)?.watched ?? [];
  return Array.from(watched, (one) => one.report());
}

/**
 * The pipe that `error`, or the first cause of it that came from one, was given by: the pipe of the call that was rejected with it. `undefined`
 * where it came from no pipe that was made under watch.
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

/** Causes may go round in circles. */
const MOST_CAUSES = 8;

const LISTENERS = ["onStall", "onLeak", "onOpen", "onClose"] as const;
/** A longer one fires at once, in every platform. */
const LONGEST_TIMER_MS = 2_147_483_647;

class Watching implements Watcher {
  readonly #options: WatchOptions;
  readonly #stallAfterMs: number;
  /** Where it is told of pipes. Set by {@link start}, cleared by {@link stop}. */
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

/** Tells a listener. What it throws is its own error, and no pipe's. */
function tell<R>(listener: ((report: R) => void) | undefined, report: R): void {
  try {
    listener?.(report);
  } catch (error) {
    void Promise.reject(error); // Unhandled on purpose.
  }
}
