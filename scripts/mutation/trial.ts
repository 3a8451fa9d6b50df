import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Mutant, keyOf, mutated, rangeOf } from "./mutant.ts";
import { REPORT, WANTED } from "./plugins.ts";
import { run } from "./run.ts";
import type { Subject } from "./subjects.ts";

/**
 * The outcome of a mutant. `Timeout` counts as killed once a second run has confirmed it. `NotRun` means that only tests that start programs
 * or threads could cover it, and they did not run.
 */
export type Verdict =
  | "Killed"
  | "Timeout"
  | "Survived"
  | "NoCoverage"
  | "NotRun"
  | "Ignored"
  | "CompileError"
  | "RuntimeError";

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

const TEST_MS = 5_000;
/** The limit for a busy machine, where tests take longer. Mutants that hang also run until this limit. */
const PATIENT_TEST_MS = 20_000;
const MUTANT_MS = 15_000;
const DIRECT_MS = 120_000;

/**
 * Runs the tests of `subject` once for each mutant, in `copy`. At the deadline it stops and returns the mutants that were judged in time.
 */
export async function judge(
  copy: string,
  subject: Subject,
  mutants: readonly Mutant[],
  deadline = Number.POSITIVE_INFINITY,
): Promise<Judged[]> {
  let printed = "";
  for (const testMs of [TEST_MS, PATIENT_TEST_MS]) {
    const { isWhole, output } = await stryker(copy, subject, mutants, testMs, deadline);
    const wanted = new Map(mutants.map((mutant) => [keyOf(mutant), mutant]));
    const judged = results(join(copy, REPORT)).flatMap(({ mutant, verdict }) => {
      const found = wanted.get(keyOf(mutant));
      return found === undefined ? [] : [{ mutant: found, verdict }];
    });
    if (isWhole || Date.now() >= deadline) return judged;
    printed = output.slice(-4_000);
    console.log(`${subject.name}: a test failed without a mutant, or Stryker failed:\n${printed}`);
  }
  // A run with a deadline is a step of the gate, in which `npm test` already reports failing tests.
  if (Number.isFinite(deadline) && printed.includes("initial test run")) return [];
  throw new Error(`Cannot judge ${subject.name}: the tests must pass without a mutant, and failed twice`);
}

/** Runs Stryker, which appends each verdict to the report. */
async function stryker(
  copy: string,
  subject: Subject,
  mutants: readonly Mutant[],
  testMs: number,
  deadline: number,
): Promise<{ isWhole: boolean; output: string }> {
  writeFileSync(join(copy, "vitest.mutation.config.ts"), vitestConfig(subject, testMs));
  writeFileSync(join(copy, "vitest.mutation.setup.ts"), SETUP);
  writeFileSync(join(copy, WANTED), JSON.stringify(mutants.map(keyOf)));
  rmSync(join(copy, REPORT), { force: true });
  const modules = resolve("tools/mutation/node_modules");
  const options = {
    testRunner: "vitest",
    plugins: [
      join(modules, "@stryker-mutator/vitest-runner/dist/src/index.js"),
      resolve("scripts/mutation/plugins.ts"),
    ],
    vitest: { configFile: "vitest.mutation.config.ts", related: false, pool: "forks" },
    mutate: mutants.map(rangeOf),
    coverageAnalysis: "perTest",
    concurrency: 2,
    inPlace: true,
    ignoreStatic: true,
    timeoutMS: MUTANT_MS,
    // A file that does not exist, because TypeScript 7 lacks the API by which Stryker rewrites a tsconfig.
    tsconfigFile: "tsconfig.none.json",
    disableTypeChecks: false,
    reporters: ["pipe512"],
    checkers: ["pipe512"],
    allowConsoleColors: false,
    cleanTempDir: "always",
  };
  writeFileSync(join(copy, "stryker.config.json"), JSON.stringify(options));
  const program = join(modules, "@stryker-mutator/core/bin/stryker.js");
  const { code, output } = await run(
    process.execPath,
    [program, "run", "stryker.config.json"],
    copy,
    deadline,
  );
  return { isWhole: code === 0, output };
}

/** Runs the mutants that timed out once more. A mutant that now ends in time keeps the new verdict. */
export async function confirmTimeouts(
  copy: string,
  subject: Subject,
  judged: readonly Judged[],
): Promise<Judged[]> {
  const slow = judged.filter(({ verdict }) => verdict === "Timeout").map(({ mutant }) => mutant);
  if (slow.length === 0) return [...judged];
  const second = await judge(copy, subject, slow);
  const again = new Map(second.map(({ mutant, verdict }) => [keyOf(mutant), verdict]));
  return judged.map(({ mutant, verdict }) => ({ mutant, verdict: again.get(keyOf(mutant)) ?? verdict }));
}

/**
 * Runs the tests that start programs and threads for at most `most` of the mutants that no test in the process kills. Each mutant is written
 * into the code itself. Mutants that no test in the process covers come first.
 */
export function judgeDirectly(
  copy: string,
  subject: Subject,
  judged: readonly Judged[],
  most: number,
): Judged[] {
  const survivors = judged.filter(({ verdict }) => verdict === "NoCoverage" || verdict === "Survived");
  const tried = new Set(
    survivors.toSorted((one, other) => one.verdict.localeCompare(other.verdict)).slice(0, most),
  );
  const survived = (one: Judged): Judged =>
    one.verdict === "NoCoverage" ? { ...one, verdict: "NotRun" } : one;
  const [first] = tried;
  if (first === undefined || subject.apart.length === 0) return judged.map(survived);
  if (!passesApart(copy, subject, first.mutant)) {
    console.log(`${subject.name}: its tests that start programs and threads fail without a mutant`);
    return judged.map(survived);
  }
  return judged.map((one) => {
    if (!tried.has(one)) return survived(one);
    const path = join(copy, one.mutant.file);
    const original = readFileSync(path, "utf8");
    writeFileSync(path, mutated(copy, one.mutant));
    try {
      return { ...one, verdict: passesApart(copy, subject, one.mutant) ? "Survived" : "Killed" };
    } finally {
      writeFileSync(path, original);
    }
  });
}

function passesApart(copy: string, subject: Subject, { file }: Mutant): boolean {
  const filters = filtersOf(subject);
  const { status } = spawnSync(
    "npx",
    ["--no", "vitest", "run", "--bail=1", "--project", projectOf(file), ...filters],
    {
      cwd: copy,
      stdio: "ignore",
      timeout: DIRECT_MS,
      env: { ...process.env, NODE_OPTIONS: "" },
    },
  );
  return status === 0;
}

/** `packages/core/src/…` is tested by the project `core`. */
function projectOf(file: string): string {
  return file.split("/")[1] ?? "";
}

/** Vitest's filters are parts of paths, not globs. */
function filtersOf({ apart }: Subject): string[] {
  return apart.flatMap((glob) => {
    const [, inBraces] = /\{([^}]*)\}/.exec(glob) ?? [];
    const [before = ""] = glob.split(/[{*]/);
    const folder = before.replace(/^packages\/\w+\//, "");
    return inBraces === undefined ? [folder] : inBraces.split(",").map((name) => `${folder}${name}.test`);
  });
}

function results(report: string): Judged[] {
  if (!existsSync(report)) return [];
  const lines = readFileSync(report, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Judged);
}

/** Skips the tests that measure how late timers fire: instrumented code and a busy machine make them fail. */
const SETUP = `import { beforeEach } from "vitest";
beforeEach(({ task, skip }) => {
  if (/timer/i.test(task.name)) skip("measures time");
});
`;

function vitestConfig({ tests, apart }: Subject, testMs: number): string {
  return `import { defineConfig } from "vitest/config";
const conditions = ["@pipe512/source", "module", "node", "import", "default"];
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ${JSON.stringify(tests)},
    exclude: ${JSON.stringify(["**/node_modules/**", ...apart])},
    pool: "forks",
    isolate: false,
    execArgv: ["--expose-gc"],
    setupFiles: ["vitest.mutation.setup.ts"],
    testTimeout: ${testMs},
    hookTimeout: ${testMs},
    // All tests share a process: a pipe that one of them has left waiting is found lost while another runs.
    onUnhandledError: ({ code }) => code !== "ERR_ABANDONED_PIPE",
  },
});
`;
}
