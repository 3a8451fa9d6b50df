import { writeSync } from "node:fs";
import process from "node:process";
import { describe } from "@pipe512/core/adapter";
import { type PipeReport, snapshot, type Watch, watch } from "@pipe512/core/diagnostics";
import { deadlockReport } from "./report-deadlocks-text.ts";

/** Options of {@link reportDeadlocks}. */
export interface DeadlockOptions {
  /**
   * The exit code of a process with a deadlock, an integer from 0 to 255. It replaces Node's 0, and the 13 of an
   * unsettled top-level `await`. 0 keeps Node's code. A code set by the program is never replaced.
   *
   * @default {1}
   */
  readonly exitCode?: number | undefined;
  /**
   * Receives the report instead of stderr. It runs while the process exits, so asynchronous work in it does not
   * complete.
   */
  readonly print?: ((text: string, pipes: readonly PipeReport[]) => void) | undefined;
}

/** Node's exit code if the event loop is empty and a top-level `await` is pending. */
const UNSETTLED_AWAIT = 13;

/**
 * Reports pending operations on pipes when the process exits because the event loop is empty. Node itself prints
 * nothing and exits with code 0 (13 with a pending top-level `await`). Like Go's "all goroutines are asleep", the
 * report on stderr lists each operation: what it waits for, how long, and where its pipe was made. The exit code
 * becomes 1.
 *
 * Only pipes made after the call are reported, so call it first, or run
 * `node --import @pipe512/node/report-deadlocks app.js`. A process that `process.exit()` or an uncaught error ends is
 * not a deadlock, and is not reported.
 *
 * @throws {TypeError} If `print` is not a function.
 * @throws {RangeError} If `exitCode` is not an integer from 0 to 255.
 */
export function reportDeadlocks(options: DeadlockOptions = {}): Watch {
  const { exitCode = 1, print = toStderr } = options;
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255) {
    throw new RangeError(`exitCode must be an integer from 0 to 255; got ${describe(exitCode)}`);
  }
  if (typeof print !== "function") throw new TypeError(`print must be a function; got ${describe(print)}`);

  const watching = watch();
  /** Whether the event loop is empty. */
  let isIdle = false;

  const expectEnd = (): void => {
    isIdle = true;
    // Runs only if another listener has started new work. It is a timer because in Bun an unreferenced immediate makes
    // `beforeExit` repeat forever.
    setTimeout(() => {
      isIdle = false;
    }, 0).unref();
  };
  const report = (code: number): void => {
    if (!isIdle) return;
    const pipes = snapshot().filter(({ waiting }) => waiting.length > 0);
    if (pipes.length === 0) return;
    if (exitCode !== 0 && (code === 0 || code === UNSETTLED_AWAIT)) process.exitCode = exitCode;
    print(deadlockReport(pipes), pipes);
  };
  process.on("beforeExit", expectEnd);
  process.on("exit", report);

  const stop = (): void => {
    process.off("beforeExit", expectEnd);
    process.off("exit", report);
    watching.stop();
  };
  return { stop, [Symbol.dispose]: stop };
}

/** Writes synchronously, because the process is exiting. */
function toStderr(text: string): void {
  try {
    writeSync(process.stderr.fd, text);
  } catch {
    // stderr is closed, and there is no other place to report to.
  }
}
