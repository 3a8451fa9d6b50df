import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a program ended. */
export interface Ending {
  /** Its exit code, or `"killed"` if it did not end in time. */
  readonly code: number | "killed";
  /** What it printed, line by line. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

/**
 * Runs a program of `test/programs` in a separate Node process, where garbage collection can be triggered. The process
 * is killed after `timeoutMs`, so that a program that blocks its event loop fails instead of hanging.
 */
export function run(program: string, args: readonly string[] = [], timeoutMs = 20_000): Promise<Ending> {
  const file = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  const flags = ["--expose-gc", "--conditions=@pipe512/source", file];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, ...args],
      { timeout: timeoutMs, killSignal: "SIGKILL", env: { ...process.env, NODE_OPTIONS: "" } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.killed === true ? "killed" : Number(error.code);
        resolve({ code, lines: stdout.trimEnd().split("\n"), stderr });
      },
    );
  });
}
