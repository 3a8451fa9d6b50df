import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { BrowserRuntime } from "./browser/browser.ts";
import { doctor } from "./doctor/doctor.ts";
import { besides, expectWritable, fromCaller, type Input, readInput, usualReport } from "./input.ts";
import { type Options, parseOptions } from "./options.ts";
import { pick } from "./pick/pick.ts";
import {
  absences,
  checkPlan,
  comparisonPlan,
  describeCheck,
  describeComparison,
  isLimited,
  isWanted,
} from "./plans.ts";
import { checkReport } from "./report/check-report.ts";
import { comparisonReport, failures } from "./report/comparison-report.ts";
import { changedGround, differenceReport, differences } from "./report/difference.ts";
import { type Earlier, readEarlier } from "./report/earlier.ts";
import { heading } from "./report/heading.ts";
import { checkJson, comparisonJson, type Run } from "./report/json.ts";
import { type Load, loadNow } from "./report/load.ts";
import { machine, versions } from "./report/machine.ts";
import { Progress } from "./report/progress.ts";
import { screenOf } from "./report/screen.ts";
import { check, checkMs } from "./runner/check.ts";
import { compare } from "./runner/comparison.ts";
import { comparisonMs } from "./runner/comparison-time.ts";
import { endAll } from "./runner/implementation-process.ts";
import type { Ground } from "./runner/participant.ts";
import { findC, findGo, findNode, findRuntime, type Runtimes } from "./runner/runtimes.ts";
import { implementations, GO } from "./subjects/implementations.ts";
import { C_RING } from "./subjects/threads/implementations.ts";
import { UsageError } from "./usage-error.ts";

const DONE = 0;
const FAILED = 1;
const USAGE = 2;
const INTERRUPTED = 130;

/** The next command to run after a comparison. */
const NEXT = "Code to paste, for what you have: npm start -- pick";

/** The result of a run. */
interface Outcome {
  readonly report: (load: Load) => string;
  readonly json: (run: Run) => string;
  readonly html?: (run: Run) => Promise<string>;
  readonly failed: boolean;
}

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interruption.abort();
    endAll();
  });
}

// The reader of the report is gone, so nothing needs to be measured.
process.stdout.on("error", () => process.exit(FAILED));

/** @returns The exit code. */
async function main(options: Options): Promise<number> {
  const startedAt = new Date();
  // Invalid options are reported here, before anything is measured.
  const before = loadNow();
  const input = readInput(options.file);
  const jsonPath = options.json === undefined ? undefined : fromCaller(options.json);
  if (jsonPath !== undefined) expectWritable(jsonPath);
  const htmlPath = htmlPathOf(options);
  if (htmlPath !== undefined) expectWritable(htmlPath);
  const earlier = options.compare === undefined ? undefined : readEarlier(fromCaller(options.compare));
  const { runtime } = options;
  const node = await (runtime === undefined ? findNode(nodePath(options)) : findRuntime(runtime));

  const go = isWanted(GO, options) ? await findGo(interruption.signal) : "";
  const c = isWanted(C_RING, options) ? await findC(interruption.signal) : "";
  await using browser = options.browser && (await startBrowser(input.path, options));
  const runtimes: Runtimes = { node, go, c, browser };
  const { report, json, html, failed } = await (options.check ? runCheck : runComparison)(
    options,
    input,
    runtimes,
    earlier,
  );
  const load = { before, after: loadNow() };
  const interrupted = interruption.signal.aborted;
  if (interrupted) process.stdout.write("Interrupted: this is what was measured until then\n\n");
  process.stdout.write(`${report(load)}\n`);
  const run = { startedAt, interrupted, input, runtimes, load };
  const place = (path: string) => (interrupted ? besides(path) : path);
  if (jsonPath !== undefined) writeFileSync(place(jsonPath), json(run));
  if (htmlPath !== undefined && html !== undefined) {
    writeFileSync(place(htmlPath), await html(run));
    process.stdout.write(`\nThe report: ${place(htmlPath)}\n${NEXT}\n`);
  }
  if (interrupted) return INTERRUPTED;
  return failed ? FAILED : DONE;
}

/** Loads a module that is slow to load and that most runs do not need. */
async function startBrowser(file: string, options: Options): Promise<BrowserRuntime> {
  const { BrowserRuntime: Runtime } = await import("./browser/browser.ts");
  const wanted = implementations.filter(({ name }) => isWanted(name, options));
  // Each sample of a check comes from a new process.
  return Runtime.start(file, interruption.signal, wanted, options.check === undefined);
}

async function runComparison(
  options: Options,
  input: Input,
  runtimes: Runtimes,
  earlier: Earlier | undefined,
): Promise<Outcome> {
  const plan = comparisonPlan(options, input, runtimes);
  process.stdout.write(
    `${heading(input, runtimes, [describeComparison(plan, options), ...absences(options, runtimes)], screenOf(process.stdout))}\n\n`,
  );
  const progress = new Progress(comparisonMs(plan), process.stderr);
  const comparison = await compare(plan, groundOf(input, runtimes, 10_000), progress);
  progress.stop();
  const screen = screenOf(process.stdout);
  const changes = earlier && differences(earlier, comparison);
  const remarks = earlier ? changedGround(earlier, machine(), versions(runtimes), input.sha256) : [];
  return {
    report: (load) =>
      [
        comparisonReport(comparison, load, screen),
        ...(earlier && changes ? [differenceReport(changes, earlier, screen), ...remarks] : []),
      ].join("\n\n"),
    json: (run) => comparisonJson(run, plan, comparison),
    // The drawing code loads slowly, and most rejected runs do not need it.
    html: async (run) => (await import("./report/html.ts")).comparisonHtml(run, comparison, changes),
    failed: failures(comparison).length > 0,
  };
}

async function runCheck(options: Options, input: Input, runtimes: Runtimes): Promise<Outcome> {
  const plan = checkPlan(options);
  process.stdout.write(
    `${heading(
      input,
      runtimes,
      [
        describeCheck(plan),
        ...[runtimes.go, runtimes.c].flatMap((one) => (typeof one === "string" && one !== "" ? [one] : [])),
      ],
      screenOf(process.stdout),
    )}\n\n`,
  );
  const progress = new Progress({ workMs: checkMs(plan), roomMs: 0 }, process.stderr);
  const checked = await check(plan, groundOf(input, runtimes, 120_000), progress);
  progress.stop();
  return {
    report: () => checkReport(checked, screenOf(process.stdout)),
    json: (run) => checkJson(run, plan, checked),
    failed: checked.some(({ verdict }) => verdict === "missed" || verdict === "not measured"),
  };
}

/** The path of the report. By default it is in the folder of this app, so that a run leaves no files in the current folder. */
function htmlPathOf(options: Options): string | undefined {
  const { html, check: isCheck } = options;
  if (isCheck) return undefined;
  return html === undefined ? usualReport(isLimited(options)) : fromCaller(html);
}

/** Looks up a bare name on PATH, as a shell does. */
function nodePath({ node }: Options): string {
  if (node === undefined) return process.execPath;
  return basename(node) === node ? node : fromCaller(node);
}

/** The time limit grows with the file. A process that hangs must still be detected. */
function groundOf(input: Input, runtimes: Runtimes, timeLimitMs: number): Ground {
  return {
    runtimes,
    file: input.path,
    timeLimitMs: timeLimitMs + input.bytes / 10_000,
    signal: interruption.signal,
  };
}

/** Runs a sub-command; without one, a comparison or a check. */
async function answer([first, ...rest]: readonly string[]): Promise<number> {
  if (first === "pick") return pick(rest, interruption.signal);
  if (first === "doctor") return doctor(rest, interruption.signal);
  // The client of the server loads slowly, and most runs do not need it.
  if (/^--filter nats$/i.test(process.argv.slice(2).join(" "))) {
    await (await import("./machines/comparison.ts")).compareMachines(interruption.signal);
    return DONE;
  }
  const options = parseOptions(process.argv.slice(2));
  if (!("text" in options)) return main(options);
  process.stdout.write(options.text);
  return DONE;
}

try {
  process.exitCode = await answer(process.argv.slice(2));
} catch (error) {
  if (interruption.signal.aborted) {
    process.exitCode = INTERRUPTED;
  } else if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = USAGE;
  } else {
    throw error;
  }
}
