import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import type { Judged, Verdict } from "./trial.ts";

interface Tested {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: Verdict;
  readonly location: { readonly start: Judged["mutant"]["start"]; readonly end: Judged["mutant"]["end"] };
}

/**
 * A reporter of Stryker that writes each verdict at once, one JSON value a line. Its own reporters write at the end, and nothing is left of a run that is
 * stopped.
 */
class LineReporter {
  onMutantTested({ fileName, mutatorName, replacement, status, location }: Tested): void {
    const mutant = { file: relative(process.cwd(), fileName), mutatorName, replacement, ...location };
    appendFileSync("mutation.jsonl", `${JSON.stringify({ mutant, verdict: status } satisfies Judged)}\n`);
  }
}

export const strykerPlugins = [{ kind: "Reporter", name: "pipe512", injectableClass: LineReporter }];
