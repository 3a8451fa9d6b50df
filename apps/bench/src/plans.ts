import type { Input } from "./input.ts";
import type { Options } from "./options.ts";
import type { CheckPlan } from "./runner/check.ts";
import type { ComparisonPlan } from "./runner/comparison-plan.ts";
import { comparisonMs } from "./runner/comparison-time.ts";
import { size } from "./report/format.ts";
import { type ShapeName, usualShapes } from "./scenarios/shapes.ts";
import { absence, type Runtimes } from "./runner/runtimes.ts";
import type { Implementation } from "./subjects/implementation.ts";
import { implementations } from "./subjects/implementations.ts";
import { targets } from "./targets/targets.ts";
import { UsageError } from "./usage-error.ts";

const quickShapes: readonly ShapeName[] = ["file", "transfer", "stall", "timer", "cancel"];

/** How long a comparison may take by default, before rounds are added. */
const USUAL_MS = 200_000;
/** The time to start an implementation if two start at the same time: a process of Node, or an existing page of Chromium. */
export const PROCESS_MS = 70;
const PAGE_MS = 200;
/** The same if one starts at a time, and for a new page. */
const FRESH_PROCESS_MS = 100;
const FRESH_PAGE_MS = 700;

const FEWEST_ROUNDS = 10;
const MOST_ROUNDS = 16;

/** All implementations that run here, in about 4 minutes. With --quick the best known ones, in less than 30 seconds. */
export function comparisonPlan(options: Options, input: Input, runtimes: Runtimes): ComparisonPlan {
  const { quick, rounds, scenario } = options;
  const isPresent = (implementation: Implementation) => absence(implementation, runtimes) === undefined;
  if (!chosen(options).some(isPresent))
    throw new UsageError(["None of these can be measured here", ...absences(options, runtimes)].join("; "));
  const startMs = runtimes.browser === undefined ? PROCESS_MS : PAGE_MS;
  // An implementation whose compiler is missing is in the tables, with the remark that it takes no part.
  const contestants = chosen(options).filter((one) => isPresent(one) || one.load === undefined);
  const common = { implementations: contestants, startMs, sha256: input.sha256 };
  if (quick) {
    return {
      ...common,
      scenarios: scenario ?? quickShapes,
      chunkSizesBytes: [512, 65_536],
      rounds: rounds ?? 6,
      processes: 1,
      costMs: 30,
      warmUpMs: 150,
      measureMs: 30,
      prolongMs: rounds === undefined ? 2000 : 0,
      timerMs: 100,
      stallMs: 20,
    };
  }
  const plan = {
    ...common,
    scenarios: scenario ?? usualShapes,
    chunkSizesBytes: [64, 512, 4096, 65_536],
    rounds: rounds ?? MOST_ROUNDS,
    processes: 2,
    costMs: 15,
    warmUpMs: 200,
    measureMs: 30,
    prolongMs: rounds === undefined ? 10_000 : 0,
    timerMs: 150,
    stallMs: 25,
  };
  return rounds === undefined ? fitted(plan) : plan;
}

/** The implementations that the options select, whether they can be measured here or not. */
function chosen({ quick, subject, filter }: Options): Implementation[] {
  return implementations.filter(({ name, title, role, known, onRequest }) => {
    if (subject !== undefined) return subject.includes(name);
    if (filter !== undefined)
      return role !== "yardstick" && [name, title].some((text) => text?.toLowerCase().includes(filter));
    return quick ? known === true : role !== "yardstick" && onRequest === undefined;
  });
}

/** The selected implementations that cannot be measured here, a line for each reason. */
export function absences(options: Options, runtimes: Runtimes): string[] {
  const names = new Map<string, string[]>();
  for (const implementation of chosen(options)) {
    const reason = absence(implementation, runtimes);
    if (reason !== undefined) names.set(reason, [...(names.get(reason) ?? []), implementation.name]);
  }
  return Array.from(names, ([reason, absent]) => {
    return `${absent.join(", ")} ${absent.length === 1 ? "takes" : "take"} no part: ${reason}`;
  });
}

/** As many rounds as fit the time. Fewer implementations or scenarios get more rounds. */
function fitted(plan: ComparisonPlan): ComparisonPlan {
  let { rounds } = plan;
  while (rounds > FEWEST_ROUNDS && comparisonMs({ ...plan, rounds }).workMs > USUAL_MS) rounds -= 2;
  return { ...plan, rounds };
}

/** The plan for the targets: half a second of warm-up and of measuring, at least 7 rounds. */
export function checkPlan({ quick, rounds, only, browser }: Options): CheckPlan {
  const held = targets.filter(({ id }) => only?.includes(id) ?? true);
  const common = { targets: held, startMs: browser === undefined ? FRESH_PROCESS_MS : FRESH_PAGE_MS };
  if (quick) return { ...common, rounds: rounds ?? 3, warmUpMs: 200, measureMs: 100 };
  return { ...common, rounds: rounds ?? 7, warmUpMs: 500, measureMs: 500 };
}

/** How a comparison measures, in one line. */
export function describeComparison(
  { chunkSizesBytes, rounds, processes, measureMs, prolongMs }: ComparisonPlan,
  { quick, browser }: Options,
): string {
  const places = browser === undefined ? "processes" : "loads of a page";
  const chunks = `Chunks of ${chunkSizesBytes.map(size).join(", ")}; ${prolongMs > 0 ? "at least " : ""}${times(rounds)} of ${measureMs} ms${
    processes > 1 && rounds > 1 ? `, in ${processes} ${places} each` : ""
  }`;
  return quick ? `${chunks} (quick: fewer sizes and rounds, wider spreads)` : chunks;
}

/** How a check measures, in one line. */
export function describeCheck({ rounds, measureMs }: CheckPlan): string {
  return `${times(rounds)} of ${measureMs} ms, each in a fresh process`;
}

function times(rounds: number): string {
  return rounds === 1 ? "1 round" : `${rounds} rounds`;
}

/** Whether an implementation is to be measured if it exists. A compiled one is compiled only then. */
export function isWanted(name: string, options: Options): boolean {
  if (options.check === undefined)
    return chosen(options).some((implementation) => implementation.name === name);
  const measurements = checkPlan(options).targets.flatMap(({ of, over }) => [...of, ...over]);
  return measurements.some(({ implementation }) => implementation === name);
}

/** Whether a run omits something that a full comparison has. */
export function isLimited({ quick, subject, filter, scenario, rounds }: Options): boolean {
  return [quick, subject, filter, scenario, rounds].some((option) => option !== undefined);
}
