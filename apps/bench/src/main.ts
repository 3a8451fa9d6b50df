import { writeFileSync } from "node:fs";
import { defaultFile, expectWritable, fromCaller, readInput } from "./input.ts";
import { type Options, parseOptions } from "./options.ts";
import { checkReport } from "./report/check-report.ts";
import { Progress } from "./report/progress.ts";
import { check, checkMs } from "./runner/check.ts";
import { endAll } from "./runner/contender-process.ts";
import { findGo, findNode } from "./runner/runtimes.ts";
import { targets } from "./targets.ts";
import { UsageError } from "./usage-error.ts";

const interrupted = new AbortController();
process.on("SIGINT", () => {
  interrupted.abort();
  endAll();
});

async function main(options: Options): Promise<number> {
  const { path } = options.file === undefined ? defaultFile() : { path: fromCaller(options.file) };
  const input = readInput(path);
  const json = options.json === undefined ? undefined : fromCaller(options.json);
  if (json !== undefined) expectWritable(json);
  const runtimes = {
    node: await findNode(options.node ?? process.execPath),
    go: await findGo(interrupted.signal),
  };
  const plan = {
    targets: targets.filter(({ id }) => options.only?.includes(id) ?? true),
    rounds: options.rounds ?? (options.quick ? 3 : 7),
    warmUpMs: options.quick ? 200 : 500,
    measureMs: options.quick ? 100 : 500,
    file: input.path,
  };
  const progress = new Progress(checkMs(plan), process.stderr);
  const checked = await check(plan, runtimes, progress, interrupted.signal);
  progress.stop();
  process.stdout.write(`${checkReport(checked)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(checked, null, 2)}\n`);
  if (interrupted.signal.aborted) return 130;
  return checked.some(({ verdict }) => verdict === "missed" || verdict === "not measured") ? 1 : 0;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if ("text" in options) process.stdout.write(options.text);
  else process.exitCode = await main(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
