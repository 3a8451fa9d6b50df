// The plugins of this command for Stryker.
import { appendFileSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { keyOf, type Mutant } from "./mutant.ts";
import type { Judged, Verdict } from "./trial.ts";

/** The files by which the command and these plugins communicate. They are in the folder where Stryker runs. */
export const REPORT = "mutation.jsonl";
export const WANTED = "mutation.wanted.json";

interface Found extends Omit<Mutant, "file"> {
  readonly id: string;
  readonly fileName: string;
  readonly status: Verdict;
  readonly location: Pick<Mutant, "start" | "end">;
}

function mutantOf({ fileName, mutatorName, replacement, location: { start, end } }: Found): Mutant {
  return { file: relative(process.cwd(), fileName), mutatorName, replacement, start, end };
}

/** Writes each verdict at once, one JSON value a line. Stryker's own reporters write only at the end, so an interrupted run would leave nothing. */
class LineReporter {
  onMutantTested(found: Found): void {
    const judged: Judged = { mutant: mutantOf(found), verdict: found.status };
    appendFileSync(REPORT, `${JSON.stringify(judged)}\n`);
  }
}

/** Skips the mutants that are not in the sample. Stryker accepts ranges of code, and runs all mutants inside a range. */
class SampleChecker {
  readonly #wanted = new Set(JSON.parse(readFileSync(WANTED, "utf8")) as string[]);

  init(): Promise<void> {
    return Promise.resolve();
  }

  group(mutants: readonly Found[]): Promise<string[][]> {
    return Promise.resolve([mutants.map(({ id }) => id)]);
  }

  check(mutants: readonly Found[]): Promise<Record<string, { status: string; reason?: string }>> {
    const results = mutants.map((found) => {
      const { start, end, ...mutant } = mutantOf(found);
      const fromOne = ({ line, column }: Mutant["start"]) => ({ line: line + 1, column: column + 1 });
      const key = keyOf({ ...mutant, start: fromOne(start), end: fromOne(end) });
      const isWanted = this.#wanted.has(key);
      return [
        found.id,
        isWanted ? { status: "passed" } : { status: "compileError", reason: "not in the sample" },
      ] as const;
    });
    return Promise.resolve(Object.fromEntries(results));
  }
}

/** @public Stryker finds it by its name. */
export const strykerPlugins = [
  { kind: "Reporter", name: "pipe512", injectableClass: LineReporter },
  { kind: "Checker", name: "pipe512", injectableClass: SampleChecker },
];
