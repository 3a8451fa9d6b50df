import { Command, Option } from "commander";
import { read } from "../command-line.ts";
import { readInput } from "../input.ts";
import { PROCESS_MS } from "../plans.ts";
import { size } from "../report/format.ts";
import { comparisonTables } from "../report/comparison-report.ts";
import { loadNow } from "../report/load.ts";
import { Progress } from "../report/progress.ts";
import { type Screen, screenOf, wrapped } from "../report/screen.ts";
import { compare } from "../runner/comparison.ts";
import type { ComparisonPlan } from "../runner/comparison-plan.ts";
import { comparisonMs } from "../runner/comparison-time.ts";
import { absence, findGo, findNode } from "../runner/runtimes.ts";
import { implementation } from "../subjects/implementations.ts";
import { UsageError } from "../usage-error.ts";
import { type Advice, advise } from "./advice.ts";
import { type Answers, questions } from "./questions.ts";

const EXAMPLES = `
Examples:
  npm start -- pick                                   asks
  npm start -- pick --have code --need node           asks for the rest
  npm start -- pick --have node --need web --chunk 65536 --reader slow --no-measure

Exit codes: 0 done, 2 an answer that is none or is missing, 130 interrupted`;

type Given = Partial<Answers> & { readonly measure: boolean };

/**
 * Asks what the user has and needs, and answers with advice: the code, and its cost on this machine.
 *
 * @returns The exit code.
 * @throws {UsageError} If an option is invalid, or an answer is missing and there is no terminal to ask on.
 */
export async function pick(args: readonly string[], signal: AbortSignal): Promise<number> {
  const given = parse(args);
  if ("text" in given) {
    process.stdout.write(given.text);
    return 0;
  }
  const answers = await answersOf(given);
  if (answers === undefined) return 130;
  const advice = advise(answers);
  const screen = screenOf(process.stdout);
  process.stdout.write(`${adviceReport(advice, screen)}\n`);
  if (given.measure && advice.implementations.length > 0)
    process.stdout.write(`\n${await numbers(advice, answers, signal, screen)}\n`);
  return signal.aborted ? 130 : 0;
}

/** The advice, without numbers. */
function adviceReport({ title, why, install, yours, code, unless }: Advice, screen: Screen): string {
  const indented = code.split("\n").map((line) => (line === "" ? "" : `    ${line}`));
  const exceptions = unless.map((sentence) => wrapped(`- ${sentence}`, screen.width, "  "));
  return [
    `    ${install}`,
    screen.paint("bold", title),
    wrapped(why, screen.width),
    indented.join("\n"),
    ...(yours === "" ? [] : [wrapped(yours.replaceAll("`", ""), screen.width)]),
    ...(exceptions.length === 0 ? [] : [["When something else is better", ...exceptions].join("\n")]),
  ].join("\n\n");
}

function parse(args: readonly string[]): Given | { readonly text: string } {
  const command = new Command("npm start -- pick")
    .description("Which pipe for me? A few questions, and code to paste, with its cost on this machine.")
    .option("--no-measure", "do not measure, which takes some seconds")
    .addHelpText("after", EXAMPLES);
  for (const { name, ask, choices } of questions)
    command.addOption(new Option(`--${name} <answer>`, ask).choices(choices.map(({ value }) => value)));
  const instead = read(command, args);
  if (instead !== undefined) return instead;
  return command.opts<Given>();
}

/** Asks for the answers that no option gave; `undefined` if the user leaves the questions. */
async function answersOf(given: Given): Promise<Answers | undefined> {
  const missing = questions.filter(({ name }) => given[name] === undefined);
  if (missing.length > 0 && !(process.stdin.isTTY && process.stdout.isTTY)) {
    const options = missing.map(({ name, choices }) => {
      return `--${name} ${choices.map(({ value }) => value).join("|")}`;
    });
    throw new UsageError(`There is no terminal for the questions: give ${options.join(" and ")}`);
  }
  const answers: Record<string, string> = {};
  for (const { name, ask, choices } of questions) {
    const value = given[name] ?? (await asked(ask, choices));
    if (value === undefined) return undefined;
    answers[name] = value;
  }
  return answers as unknown as Answers;
}

async function asked(
  message: string,
  choices: (typeof questions)[number]["choices"],
): Promise<string | undefined> {
  const { isCancel, select } = await import("@clack/prompts");
  const value = await select<string>({ message, options: [...choices] });
  return isCancel(value) ? undefined : value;
}

/** The cost of the advice and its alternatives on this machine. */
async function numbers(
  { implementations }: Advice,
  { chunk, reader }: Answers,
  signal: AbortSignal,
  screen: Screen,
): Promise<string> {
  const input = readInput(undefined);
  const node = await findNode(process.execPath);
  const runtimes = { node, go: implementations.includes("Go io.Pipe") ? await findGo(signal) : "", c: "" };
  const plan: ComparisonPlan = {
    implementations: implementations
      .map(implementation)
      .filter((one) => absence(one, runtimes) === undefined),
    scenarios: reader === "slow" ? ["slow-reader"] : ["transfer"],
    chunkSizesBytes: [Number(chunk)],
    rounds: 6,
    processes: 2,
    costMs: 40,
    prolongMs: 2000,
    warmUpMs: 120,
    measureMs: 40,
    timerMs: 0,
    stallMs: 0,
    startMs: PROCESS_MS,
    sha256: input.sha256,
  };
  const progress = new Progress(comparisonMs(plan), process.stderr);
  const ground = { runtimes, file: input.path, timeLimitMs: 10_000, signal };
  const before = loadNow();
  const comparison = await compare(plan, ground, progress);
  progress.stop();
  const what = reader === "slow" ? "a slow reader" : `chunks of ${size(Number(chunk))}`;
  return [
    wrapped(
      `On this machine, Node ${node.version}, ${what}, measured in a few seconds. To measure longer: npm start -- --subject "${implementations.join(",")}"`,
      screen.width,
    ),
    ...comparisonTables(comparison, { before, after: loadNow() }, screen),
  ].join("\n\n");
}
