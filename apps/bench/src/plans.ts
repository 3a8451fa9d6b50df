import type { Input } from "./input.ts";
import type { Options } from "./options.ts";
import type { CheckPlan } from "./runner/check.ts";
import type { ComparisonPlan } from "./runner/comparison.ts";
import { size } from "./report/format.ts";
import { type ShapeName, usualShapes } from "./scenarios/shapes.ts";
import { commandOf, type Runtimes } from "./runner/runtimes.ts";
import { contenders, GO } from "./subjects/contenders.ts";
import { targets } from "./targets.ts";
import { UsageError } from "./usage-error.ts";

const quickShapes: readonly ShapeName[] = ["file", "transfer", "stall", "timer", "cancel"];

/** All that runs here, in less than 3 minutes or, quickly, the best known in less than 20 seconds. */
export function comparisonPlan(
  { quick, rounds, subject, filter, scenario }: Options,
  input: Input,
  runtimes: Runtimes,
): ComparisonPlan {
  const present = contenders.filter((contender) => {
    const { name, role, known } = contender;
    const usual = filter === undefined && quick ? known === true : role !== "yardstick";
    const chosen = subject?.includes(name) ?? (usual && name.toLowerCase().includes(filter ?? ""));
    return chosen && commandOf(contender, runtimes) !== undefined;
  });
  if (present.length === 0) {
    const { go, node } = runtimes;
    if (subject?.includes(GO) && typeof go === "string") throw new UsageError(go);
    throw new UsageError(`Nobody of those can be measured with Node ${node.version}`);
  }
  const common = { contenders: present, sha256: input.sha256 };
  if (quick) {
    const chunkSizesBytes = [512, 65_536];
    return {
      ...common,
      scenarios: scenario ?? quickShapes,
      chunkSizesBytes,
      rounds: rounds ?? 3,
      costMs: 30,
      warmUpMs: 120,
      measureMs: 50,
      timerMs: 100,
      stallMs: 20,
    };
  }
  const chunkSizesBytes = [64, 512, 4096, 65_536];
  return {
    ...common,
    scenarios: scenario ?? usualShapes,
    chunkSizesBytes,
    rounds: rounds ?? 7,
    costMs: 40,
    warmUpMs: 250,
    measureMs: 60,
    timerMs: 250,
    stallMs: 50,
  };
}

/** The targets: half a second of warm-up and of measuring, at least 7 rounds. */
export function checkPlan({ quick, rounds, only }: Options): CheckPlan {
  const chosen = targets.filter(({ id }) => only?.includes(id) ?? true);
  if (quick) return { targets: chosen, rounds: rounds ?? 3, warmUpMs: 200, measureMs: 100 };
  return { targets: chosen, rounds: rounds ?? 7, warmUpMs: 500, measureMs: 500 };
}

/** How a comparison measures, in a line. */
export function describeComparison(
  { chunkSizesBytes, rounds, measureMs }: ComparisonPlan,
  { quick }: Options,
): string {
  const chunks = `Chunks of ${chunkSizesBytes.map(size).join(", ")}; ${times(rounds)} of ${measureMs} ms`;
  return quick ? `${chunks} (quick: fewer sizes, fewer and shorter rounds, wider spreads)` : chunks;
}

/** How a check measures, in a line. */
export function describeCheck({ rounds, measureMs }: CheckPlan): string {
  return `${times(rounds)} of ${measureMs} ms, each in a fresh process`;
}

function times(rounds: number): string {
  return rounds === 1 ? "1 round" : `${rounds} rounds`;
}

/** Whether anything is to be measured that only Go can run. */
export function needsGo(options: Options): boolean {
  if (options.check === undefined)
    return options.subject?.includes(GO) ?? GO.toLowerCase().includes(options.filter ?? "");
  const measurements = checkPlan(options).targets.flatMap(({ of, over }) => [...of, ...over]);
  return measurements.some(({ contender }) => contender === GO);
}
