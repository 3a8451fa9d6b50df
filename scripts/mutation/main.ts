// Does a test fail when the code is wrong? Changes the code a little, one change at a time, and runs the tests.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { matchesGlob } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";
import { copyCheckout } from "./copy.ts";
import { type Mutant, mutantsOf, sampled } from "./mutant.ts";
import { scoreOf } from "./score.ts";
import { type Subject, subjects } from "./subjects.ts";
import { confirmTimeouts, type Judged, judge, judgeDirectly } from "./trial.ts";

const TOOLS = "tools/mutation";
/** Mutants that run within a minute on two cores, from experience. */
const MUTANTS_A_MINUTE = 30;

const command = new Command("npm run mutation --")
  .description("Changes the code a little, one change at a time, and checks that a test fails each time.")
  .addArgument(new Argument("[subjects...]", "what to mutate").choices(subjects.map(({ name }) => name)))
  .option("--sample <percent>", "a part of the mutants, chosen by the seed: 10%", percent, 100)
  .option("--seed <number>", "chooses the sample", whole, 512)
  .option("--changed <commit>", "only files that were changed since this commit")
  .option("--minutes <number>", "a smaller sample, if it would take longer", whole)
  .option(
    "--direct <number>",
    "mutants that only tests with programs or threads cover: how many to put into the code itself",
    whole,
    20,
  )
  .allowExcessArguments(false)
  .parse();
const { sample, seed, changed, minutes, direct } = command.opts<{
  sample: number;
  seed: number;
  changed?: string;
  minutes?: number;
  direct: number;
}>();

if (!existsSync(`${TOOLS}/node_modules`)) {
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: TOOLS, stdio: "inherit" });
}
const names = command.args.length > 0 ? command.args : subjects.map(({ name }) => name);
const chosen = subjects.filter(({ name }) => names.includes(name));
const populations = new Map<Subject, Mutant[]>();
for (const subject of chosen) populations.set(subject, await mutantsOf(filesOf(subject)));
const total = [...populations.values()].reduce((sum, { length }) => sum + length, 0);
const share = Math.min(
  sample / 100,
  minutes === undefined ? 1 : (minutes * MUTANTS_A_MINUTE) / Math.max(1, total),
);

const copy = copyCheckout(`${TOOLS}/copy`);
try {
  for (const [subject, population] of populations) {
    const mutants = share < 1 ? sampled(population, Math.ceil(population.length * share), seed) : population;
    if (mutants.length === 0) continue;
    console.log(`${subject.name}: ${mutants.length} of ${population.length} mutants, seed ${seed}`);
    const first = confirmTimeouts(copy, subject, judge(copy, subject, mutants));
    report(subject, judgeDirectly(copy, subject, first, direct), mutants.length === population.length);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function filesOf({ mutate }: Subject): string[] {
  const without = mutate.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const since = changed === undefined ? undefined : changedFiles(changed);
  return mutate
    .filter((glob) => !glob.startsWith("!"))
    .flatMap((glob) => globSync(glob))
    .filter(
      (file) => !without.some((glob) => matchesGlob(file, glob)) && (since === undefined || since.has(file)),
    )
    .toSorted();
}

function changedFiles(commit: string): Set<string> {
  return new Set(execFileSync("git", ["diff", "--name-only", commit], { encoding: "utf8" }).split("\n"));
}

function report({ name, target }: Subject, judged: readonly Judged[], isWhole: boolean): void {
  const { killed, valid, percent: score, low, high } = scoreOf(judged, isWhole);
  for (const { mutant, verdict } of judged) {
    if (verdict !== "Survived" && verdict !== "NoCoverage") continue;
    const { file, start, mutatorName, replacement } = mutant;
    console.log(
      `  ${verdict} ${file}:${start.line}:${start.column} ${mutatorName} -> ${replacement.split("\n")[0]}`,
    );
  }
  const timeouts = judged.filter(({ verdict }) => verdict === "Timeout").length;
  const range = isWhole ? "" : ` (${low.toFixed(0)} to ${high.toFixed(0)} % with 95 % confidence)`;
  console.log(
    `${name}: ${killed} of ${valid} killed, ${timeouts} of them by time; ${score.toFixed(1)} %${range}; target ${target} %`,
  );
  if (high < target) process.exitCode = 1;
}

function percent(value: string): number {
  const number = Number(value.replace(/%$/, ""));
  if (number > 0 && number <= 100) return number;
  throw new InvalidArgumentError("Give a percentage above 0 and up to 100: 10%");
}

function whole(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("Give a whole number");
}
