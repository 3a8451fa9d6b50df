import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Mutant, keyOf, mutated, rangeOf } from "./mutant.ts";
import { run } from "./run.ts";
import type { Subject } from "./subjects.ts";

/**
 * The outcome of a mutant. `Timeout` counts as killed once a second run has confirmed it. `NotRun`: only tests that start programs or threads could cover it,
 * and they did not run.
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
/** On a busy machine a test may take longer. Mutants that hang then take as long. */
const PATIENT_TEST_MS = 20_000;
const MUTANT_MS = 15_000;
const DIRECT_MS = 120_000;
const REPORT = "mutation.jsonl";

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
  rmSync(join(copy, REPORT), { force: true });
  const modules = resolve("tools/mutation/node_modules");
  const options = {
    testRunner: "vitest",
    plugins: [
      join(modules, "@stryker-mutator/vitest-runner/dist/src/index.js"),
      resolve("scripts/mutation/reporter.ts"),
    ],
    vitest: { configFile: "vitest.mutation.config.ts", related: false, pool: "forks" },
    mutate: mutants.map(rangeOf),
    coverageAnalysis: "perTest",
    concurrency: 2,
    inPlace: true,
    ignoreStatic: true,
    timeoutMS: MUTANT_MS,
    // TypeScript 7 has no API that Stryker could rewrite a tsconfig with: it is pointed at a file that does not exist.
    tsconfigFile: "tsconfig.none.json",
    disableTypeChecks: false,
    reporters: ["pipe512"],
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

/** Judges again those that timed out. One that ends in time now keeps its new verdict. */
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
 * Puts each mutant that no test in the process covers, or kills, into the code itself, and runs the tests that start programs and threads.
 */
export function judgeDirectly(
  copy: string,
  subject: Subject,
  judged: readonly Judged[],
  most: number,
): Judged[] {
  let left = most;
  return judged.map(({ mutant, verdict }) => {
    if (verdict !== "NoCoverage" || subject.apart.length === 0) return { mutant, verdict };
    if (left === 0) return { mutant, verdict: "NotRun" as const };
    left -= 1;
    const path = join(copy, mutant.file);
    const original = readFileSync(path, "utf8");
    writeFileSync(path, mutated(copy, mutant));
    try {
      execFileSync(
        "npx",
        ["--no", "vitest", "run", "--bail=1", "--project", projectOf(mutant.file), ...filtersOf(subject)],
        {
          cwd: copy,
          stdio: "ignore",
          timeout: DIRECT_MS,
          env: { ...process.env, NODE_OPTIONS: "" },
        },
      );
      return { mutant, verdict: "Survived" as const };
    } catch {
      return { mutant, verdict: "Killed" as const };
    } finally {
      writeFileSync(path, original);
    }
  });
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
    testTimeout: ${testMs},
    hookTimeout: ${testMs},
  },
});
`;
}
