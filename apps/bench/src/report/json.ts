import { basename } from "node:path";
import type { Input } from "../input.ts";
import { VERSION } from "../options.ts";
import type { Checked, CheckPlan } from "../runner/check.ts";
import type { Comparison } from "../runner/comparison.ts";
import type { ComparisonPlan } from "../runner/comparison-plan.ts";
import type { Runtimes } from "../runner/runtimes.ts";
import { implementations } from "../subjects/implementations.ts";
import type { Load } from "./load.ts";
import { machine, versions } from "./machine.ts";
import { costStandings, standings } from "./standings.ts";

/** Changes whenever a program that reads older files would misread the new ones. */
export const FORMAT = "pipe512-bench-2";

/** The conditions of a run. */
export interface Run {
  readonly startedAt: Date;
  readonly interrupted: boolean;
  readonly input: Input;
  readonly runtimes: Runtimes;
  readonly load: Load;
}

/** All measurements of a comparison, and the results. */
export function comparisonJson(run: Run, plan: ComparisonPlan, comparison: Comparison): string {
  const settings = { ...plan, implementations: plan.implementations.map(({ name }) => name) };
  return text(run, "comparison", settings, {
    standings: [...standings(comparison.transfers), ...costStandings(comparison.costs)],
    series: comparison,
  });
}

/** Every target, its measurements, and its verdict. */
export function checkJson(
  run: Run,
  { rounds, warmUpMs, measureMs }: CheckPlan,
  checked: readonly Checked[],
): string {
  return text(run, "check", { rounds, warmUpMs, measureMs }, { targets: checked });
}

function text(run: Run, kind: string, settings: object, results: object): string {
  const { startedAt, interrupted, input, runtimes, load } = run;
  const document = {
    format: FORMAT,
    kind,
    bench: VERSION,
    startedAt: startedAt.toISOString(),
    elapsedMs: Date.now() - startedAt.getTime(),
    interrupted,
    machine: machine(),
    load,
    versions: versions(runtimes),
    file: { name: basename(input.path), bytes: input.bytes, sha256: input.sha256 },
    settings,
    implementations: implementations.map(({ name, role, about }) => ({ name, role, about })),
    ...results,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
