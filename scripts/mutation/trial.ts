import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Mutant, keyOf, mutated, rangeOf } from "./mutant.ts";
import type { Subject } from "./subjects.ts";

/** What became of a mutant. `Timeout` counts as killed once a second run has confirmed it. */
type Verdict = "Killed" | "Timeout" | "Survived" | "NoCoverage" | "Ignored" | "CompileError" | "RuntimeError";

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

const TEST_MS = 5_000;
const MUTANT_MS = 15_000;
const DIRECT_MS = 120_000;

/** Runs the tests of `subject` once for each mutant, in `copy`. */
export function judge(copy: string, subject: Subject, mutants: readonly Mutant[]): Judged[] {
  writeFileSync(join(copy, "vitest.mutation.config.ts"), vitestConfig(subject));
  const modules = resolve("tools/mutation/node_modules");
  const report = join(copy, "mutation.json");
  rmSync(report, { force: true });
  const options = {
    testRunner: "vitest",
    plugins: [join(modules, "@stryker-mutator/vitest-runner/dist/src/index.js")],
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
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: "mutation.json" },
    cleanTempDir: "always",
  };
  writeFileSync(join(copy, "stryker.config.json"), JSON.stringify(options));
  const stryker = join(modules, "@stryker-mutator/core/bin/stryker.js");
  const { stdout } = spawnSync(process.execPath, [stryker, "run", "stryker.config.json"], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 28,
  });
  if (!existsSync(report)) throw new Error(`Stryker made no report. It printed:\n${stdout.slice(-4000)}`);
  const wanted = new Map(mutants.map((mutant) => [keyOf(mutant), mutant]));
  return results(report).flatMap(({ mutant, verdict }) => {
    const found = wanted.get(keyOf(mutant));
    return found === undefined ? [] : [{ mutant: found, verdict }];
  });
}

/** Judges again those that timed out. One that ends in time now keeps its new verdict. */
export function confirmTimeouts(copy: string, subject: Subject, judged: readonly Judged[]): Judged[] {
  const slow = judged.filter(({ verdict }) => verdict === "Timeout").map(({ mutant }) => mutant);
  if (slow.length === 0) return [...judged];
  const again = new Map(judge(copy, subject, slow).map(({ mutant, verdict }) => [keyOf(mutant), verdict]));
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
    if (verdict !== "NoCoverage" || left === 0 || subject.apart.length === 0) return { mutant, verdict };
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

interface Report {
  readonly files: Record<
    string,
    {
      readonly mutants: ReadonlyArray<{
        readonly mutatorName: string;
        readonly replacement: string;
        readonly status: Verdict;
        readonly location: { readonly start: Mutant["start"]; readonly end: Mutant["end"] };
      }>;
    }
  >;
}

function results(file: string): Judged[] {
  const { files } = JSON.parse(readFileSync(file, "utf8")) as Report;
  return Object.entries(files).flatMap(([name, { mutants }]) =>
    mutants.map(({ mutatorName, replacement, status, location }) => ({
      mutant: { file: name, mutatorName, replacement, ...location },
      verdict: status,
    })),
  );
}

function vitestConfig({ tests, apart }: Subject): string {
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
    testTimeout: ${TEST_MS},
    hookTimeout: ${TEST_MS},
  },
});
`;
}
