import { writeSync } from "node:fs";
import process from "node:process";
import { describe } from "@pipe512/core/adapter";
import { type PipeReport, snapshot, type Watch, watch } from "@pipe512/core/diagnostics";
import { deadlockReport } from "./report-deadlocks-text.ts";

/** Options of {@link reportDeadlocks}. */
export interface DeadlockOptions {
  /**
   * What the process ends with instead of 0, or of the 13 that Node gives an unsettled `await` at top level. 0 leaves both as they are. A
   * code that the program has set itself stays.
   *
   * @default {1}
   */
  readonly exitCode?: number | undefined;
  /** Takes the report instead of stderr. It runs as the process ends, so what it starts is not waited for. */
  readonly print?: ((text: string, pipes: readonly PipeReport[]) => void) | undefined;
}

/** What Node ends with when nothing is left to do and an `await` at top level still waits. */
const UNSETTLED_AWAIT = 13;

/**
 * Reports what waits in pipes when the process ends because nothing else is left to do: Node says nothing then and ends with code
 * 0 (13 under an `await` at top level). Each operation is listed on stderr with what it waits for, since when, and where its pipe was
 * made, like Go's "all goroutines are asleep", and the exit code becomes 1.
 *
 * It sees the pipes that are made from now on, so call it first, or run `node --import @pipe512/node/report-deadlocks app.js`. It says
 * nothing where `process.exit()` ends the process, or an error that nobody caught: that is no deadlock.
 *
 * @throws {TypeError} If `print` is no function.
 * @throws {RangeError} If `exitCode` is no integer from 0 to 255.
 */
export function reportDeadlocks(options: DeadlockOptions = {}): Watch {
  const { exitCode = 1, print = toStderr } = options;
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255) {
    throw new RangeError(`exitCode must be an integer from 0 to 255; got ${describe(exitCode)}`);
  }
  if (typeof print !== "function") throw new TypeError(`print must be a function; got ${describe(print)}`);

  const watching = watch();
  /** Whether nothing is left to do. */
  let isIdle = false;

  const expectEnd = (): void => {
    isIdle = true;
    // Runs only if there is more to do after all, which another listener may have begun. A timer, since in Bun an unreferenced
    // immediate is enough to do to make `beforeExit` come again, and again.
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

/** Writes at once: nothing runs after the process has ended. */
function toStderr(text: string): void {
  try {
    writeSync(process.stderr.fd, text);
  } catch {
    // Nobody reads stderr, and there is nobody left to tell.
  }
}
