import { statSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { read } from "../command-line.ts";
import { fromCaller, reasonOf } from "../input.ts";
import { UsageError } from "../usage-error.ts";

export interface DoctorOptions {
  /** Absolute path of the script. */
  readonly script: string;
  /** Its arguments. */
  readonly args: readonly string[];
  readonly stallAfterMs: number;
  /** The script is ended after this time. If it is missing, the script has no limit. */
  readonly limitMs?: number | undefined;
}

const NOTES = `
It lists each operation that waits for ever, for what, since when and where its pipe was made: when the script ends with nothing
left to do, and when you end it with Ctrl-C or it has had its time. It also lists what stalled meanwhile, ends that were
collected without close(), and an error of a pipe that ended the script. It sees pipes of every copy of @pipe512/core, but for those between threads.

Examples:
  npm start -- doctor upload.mjs                  run it, and see what waits when it ends
  npm start -- doctor --limit 10 server.mjs 8080  end it after 10 seconds; what follows the file is for the script

Exit codes: that of the script where it is not 0; else 0 nothing found, 1 something found, 2 usage error`;

/**
 * Reads the command line after `doctor`.
 *
 * @returns The options, or the requested text instead of a run.
 * @throws {UsageError} If it is invalid, or the script does not exist.
 */
export function parseDoctorOptions(args: readonly string[]): DoctorOptions | { readonly text: string } {
  const command = new Command("npm start -- doctor")
    .description("Runs a script and reports which of its pipes hang, and why.")
    .argument("<file>", "the script, for Node")
    .argument("[args...]", "its arguments")
    .option("--stall-after <seconds>", "an operation that waits this long is a stall", seconds, 5000)
    .option("--limit <seconds>", "end the script after this time", seconds)
    .addHelpText("after", NOTES)
    .passThroughOptions();
  const instead = read(command, args);
  if (instead !== undefined) return instead;
  const [file = "", ...rest] = command.args;
  const { stallAfter, limit } = command.opts<{ stallAfter: number; limit?: number }>();
  return { script: scriptAt(fromCaller(file)), args: rest, stallAfterMs: stallAfter, limitMs: limit };
}

function scriptAt(path: string): string {
  let isFile: boolean;
  try {
    isFile = statSync(path).isFile();
  } catch (error) {
    throw new UsageError(`Cannot run ${path}: ${reasonOf(error)}`);
  }
  if (!isFile) throw new UsageError(`Cannot run ${path}: it is not a file; give the path of a script`);
  return path;
}

/** In milliseconds. */
function seconds(value: string): number {
  const ms = Number(value) * 1000;
  if (ms >= 1 && ms <= 2 ** 31 - 1) return ms;
  throw new InvalidArgumentError("Give a number of seconds from 0.001 to 2147483");
}
