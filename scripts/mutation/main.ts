// Checks that tests fail when the code is wrong: makes one small change at a time, and runs the tests.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { matchesGlob } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";
import { copyCheckout } from "./copy.ts";
import { type Mutant, mutantsOf, sampled } from "./mutant.ts";
import { scoreOf } from "./score.ts";
import { type Subject, subjects } from "./subjects.ts";
import { confirmTimeouts, type Judged, judge, judgeDirectly } from "./trial.ts";

const TOOLS = "tools/mutation";
/** The number of mutants that run within a minute on two cores, as measured. */
const MUTANTS_A_MINUTE = 30;
/** With fewer mutants, a score is not compared with a floor. */
const FEWEST = 10;

const command = new Command("npm run mutation --")
  .description("Changes the code a little, one change at a time, and checks that a test fails each time.")
  .addArgument(new Argument("[subjects...]", "what to mutate").choices(subjects.map(({ name }) => name)))
  .option("--sample <percent>", "a part of the mutants, chosen by the seed: 10%", percent, 100)
  .option("--seed <number>", "chooses the sample", whole, 512)
  .option(
    "--changed [commit]",
    "only files that were changed since this commit, by default since the branch left main, or the last commit of main",
  )
  .option("--minutes <number>", "a smaller sample, if it would take longer; it ends after this time", whole)
  .option(
    "--floor <percent>",
    "fail only if the score of all is below this with 95 % confidence, instead of each target",
    percent,
  )
  .option(
    "--direct <number>",
    "mutants that no test in the process kills: how many to put into the code itself, for tests with programs and threads",
    whole,
    20,
  )
  .allowExcessArguments(false)
  .parse();
const { sample, seed, changed, minutes, floor, direct } = command.opts<{
  sample: number;
  seed: number;
  changed?: string | true;
  minutes?: number;
  floor?: number;
  direct: number;
}>();

const deadline = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * 60_000;
const commit = changed === true ? base() : changed;
if (changed === true && commit === undefined) {
  console.log("Nothing to mutate: there is no earlier commit to compare with");
  process.exit();
}
const names = command.args.length > 0 ? command.args : subjects.map(({ name }) => name);
const chosen = subjects
  .filter(({ name }) => names.includes(name))
  .map((subject) => ({ subject, files: filesOf(subject, commit) }))
  .filter(({ files }) => files.length > 0);
if (chosen.length === 0) {
  console.log(`Nothing to mutate: no source file of ${names.join(", ")} was changed since ${commit}`);
  process.exit();
}
if (!existsSync(`${TOOLS}/node_modules`)) {
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: TOOLS, stdio: "inherit" });
}
const populations: Array<{ subject: Subject; population: Mutant[] }> = [];
for (const { subject, files } of chosen) populations.push({ subject, population: await mutantsOf(files) });
const total = populations.reduce((sum, { population }) => sum + population.length, 0);
const share = Math.min(
  sample / 100,
  minutes === undefined ? 1 : (minutes * MUTANTS_A_MINUTE) / Math.max(1, total),
);

const all: Judged[] = [];
try {
  for (const [index, { subject, population }] of populations.entries()) {
    const mutants = share < 1 ? sampled(population, Math.ceil(population.length * share), seed) : population;
    if (mutants.length === 0) continue;
    console.log(`${subject.name}: ${mutants.length} of ${population.length} mutants, seed ${seed}`);
    const judged = await trial(subject, mutants, (deadline - Date.now()) / (populations.length - index));
    report(subject, judged, judged.length === population.length);
    all.push(...judged);
  }
} finally {
  rmSync(`${TOOLS}/copy`, { recursive: true, force: true });
}
if (floor !== undefined) reportFloor(floor);

/** A run that ends at a deadline neither confirms timeouts nor starts programs. */
async function trial(subject: Subject, mutants: readonly Mutant[], ms: number): Promise<Judged[]> {
  // A run that was stopped leaves mutants in its copy.
  const copy = copyCheckout(`${TOOLS}/copy`);
  const judged = await judge(copy, subject, mutants, Date.now() + ms);
  if (judged.length < mutants.length)
    console.log(`${subject.name}: ${judged.length} of ${mutants.length} were judged in time`);
  if (minutes !== undefined) return judgeDirectly(copy, subject, judged, 0);
  return judgeDirectly(copy, subject, await confirmTimeouts(copy, subject, judged), direct);
}

/** The commit where the branch left main, or on main the commit before the last. `undefined` if the history is missing. */
function base(): string | undefined {
  const head = hashOf("rev-parse", "HEAD");
  const forks = ["origin/main", "main"].map((main) => hashOf("merge-base", "HEAD", main));
  return (
    forks.find((fork) => fork !== undefined && fork !== head) ?? hashOf("rev-parse", "--verify", "HEAD~1")
  );
}

function hashOf(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function filesOf({ mutate }: Subject, since: string | undefined): string[] {
  const without = mutate.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const changedOnes = since === undefined ? undefined : changedFiles(since);
  return mutate
    .filter((glob) => !glob.startsWith("!"))
    .flatMap((glob) => globSync(glob))
    .filter(
      (file) =>
        !without.some((glob) => matchesGlob(file, glob)) &&
        (changedOnes === undefined || changedOnes.has(file)),
    )
    .toSorted();
}

function changedFiles(earlier: string): Set<string> {
  return new Set(execFileSync("git", ["diff", "--name-only", earlier], { encoding: "utf8" }).split("\n"));
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
  if (floor === undefined && high < target) process.exitCode = 1;
}

/** Reports whether the score is below the floor. A few mutants are not significant, so they never fail. */
function reportFloor(least: number): void {
  const { killed, valid, high } = scoreOf(all, false);
  const isBelow = valid >= FEWEST && high < least;
  console.log(
    `All: ${killed} of ${valid} killed, at most ${high.toFixed(0)} % with 95 % confidence; the floor is ${least} %`,
  );
  if (isBelow) process.exitCode = 1;
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
