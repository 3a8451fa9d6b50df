import { basename } from "node:path";
import { screenOf } from "../report/screen.ts";
import { examine } from "./examination.ts";
import { parseDoctorOptions } from "./options.ts";
import { doctorReport } from "./report.ts";

const NOTHING_FOUND = 0;
const FOUND = 1;

/**
 * `npm start -- doctor`: runs a script and reports which of its pipes hang.
 *
 * @param signal Ends the script when it aborts, and reports the waiting operations.
 * @returns The exit code: that of the script if it ended by itself with another code than 0.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function doctor(args: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parseDoctorOptions(args);
  if ("text" in options) {
    process.stdout.write(options.text);
    return NOTHING_FOUND;
  }
  const name = basename(options.script);
  process.stderr.write(`Watching the pipes of ${name}; Ctrl-C ends it and lists the waiting operations\n`);
  const examination = await examine(options, signal, ({ pipe, explanation }) => {
    process.stderr.write(
      `Stall in ${pipe?.name ?? pipe?.conversion ?? `pipe ${pipe?.id}`}: ${explanation}\n`,
    );
  });
  process.stdout.write(`${doctorReport(options, examination, screenOf(process.stdout))}\n`);
  const { ended, ending, findings } = examination;
  if (!ended && ending !== 0) return typeof ending === "number" ? ending : FOUND;
  return findings.length === 0 ? NOTHING_FOUND : FOUND;
}
