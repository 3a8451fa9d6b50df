import type { Comparison } from "../runner/comparison.ts";
import type { ShapeName } from "../scenarios/shapes.ts";
import { shapes } from "../scenarios/shapes.ts";
import { median, type Spread, spread } from "../statistics.ts";
import { implementation as implementationOf } from "../subjects/implementations.ts";
import type { Earlier } from "./earlier.ts";
import { measured, size, times } from "./format.ts";
import { marked } from "./comparison-report.ts";
import type { Machine, Versions } from "./machine.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** One implementation in one scenario, in an earlier run and in this one. */
export interface Difference {
  readonly implementation: string;
  /** Scenario and size of the chunks, in words. */
  readonly work: string;
  readonly unit: string;
  readonly before: Spread;
  readonly now: Spread;
  /** The drift of the machine: the median of new over old of the implementations of others, which have not changed. */
  readonly drift: number;
  /**
   * New over old, with the drift removed. It lies between `low` and `high` if either true median lies in the spread of its
   * run.
   */
  readonly ratio: Spread;
  readonly verdict: Verdict;
}

type Verdict = "within noise" | "faster" | "slower";

type Measured = Earlier["series"]["transfers"][number];

const COLUMNS: readonly Column[] = [
  { heading: "", align: "left", wraps: true },
  { heading: "old", align: "right" },
  { heading: "new", align: "right" },
  { heading: "change", align: "right" },
  { heading: "spread", align: "left", dispensable: 1 },
  { heading: "", align: "left" },
];

const COLOURS = { "within noise": "dim", faster: "green", slower: "red" } as const;

/** With fewer implementations of others, the drift of the machine is unknown. */
const FEWEST_UNCHANGED = 3;

/** Every series that both runs have finished, in the order of this run. */
export function differences(earlier: Earlier, { transfers, costs }: Comparison): Difference[] {
  const before = new Map(
    [...earlier.series.transfers, ...earlier.series.costs].map((old) => [keyOf(old), old]),
  );
  const changes = [...transfers, ...costs].flatMap((series) => {
    const old = before.get(keyOf(series));
    if (old === undefined || !isFinished(old) || !isFinished(series)) return [];
    return [changeOf(old, series)];
  });
  return changes.map((change) => {
    const drift = driftOf(changes.filter(({ work }) => work === change.work));
    const { median: middle, low, high } = change.ratio;
    const ratioWithout = { median: middle / drift, low: low / drift, high: high / drift };
    return { ...change, drift, ratio: ratioWithout, verdict: verdictOf(ratioWithout) };
  });
}

type Change = Omit<Difference, "drift" | "verdict">;

function changeOf(old: Measured, series: Measured): Change {
  const [before, now] = [costOf(old), costOf(series)];
  const { scenario, parameters } = series;
  const isTransfer = scenario === "transfer";
  const name = scenario as Exclude<ShapeName, "file" | "transfer" | "stall" | "timer" | "cancel">;
  return {
    implementation: series.implementation,
    work: isTransfer ? `Chunks of ${size(parameters.chunkBytes ?? 0)}` : shapes[name].title,
    unit: isTransfer ? "ns/chunk" : shapes[name].cost.unit,
    before,
    now,
    ratio: {
      median: now.median / before.median,
      low: now.low / before.high,
      high: now.high / before.low,
    },
  };
}

function driftOf(changes: readonly Change[]): number {
  const unchanged = changes.filter((change) => implementationOf(change.implementation).role !== "ours");
  return unchanged.length < FEWEST_UNCHANGED ? 1 : median(unchanged.map((change) => change.ratio.median));
}

function verdictOf({ low, high }: Spread): Verdict {
  if (high < 1) return "faster";
  return low > 1 ? "slower" : "within noise";
}

/** The differences between the conditions of both runs, which may explain a change. One line each. */
export function changedGround(
  earlier: Earlier,
  machine: Machine,
  versions: Versions,
  sha256: string,
): string[] {
  const was = earlier.machine;
  return [
    ...(was.cpu === machine.cpu && was.cpuCount === machine.cpuCount
      ? []
      : [`The old run was made on another machine: ${was.cpuCount} × ${was.cpu}`]),
    ...(runtimeOf(earlier.versions) === runtimeOf(versions)
      ? []
      : [`The old run used ${runtimeOf(earlier.versions)}`]),
    ...(earlier.file.sha256 === sha256 ? [] : [`The old run sent another file: ${earlier.file.name}`]),
  ];
}

function runtimeOf({ node, runtime }: Earlier["versions"]): string {
  return runtime ?? `Node ${node}`;
}

/** A table for each scenario and chunk size, then how many differ. */
export function differenceReport(all: readonly Difference[], earlier: Earlier, screen: Screen): string {
  const works = [...new Set(all.map(({ work }) => work))];
  const tables = works.map((work) => {
    const here = all.filter((one) => one.work === work);
    const columns = COLUMNS.map((column) =>
      column.heading === "old" || column.heading === "new"
        ? { ...column, heading: `${column.heading} ${here[0]?.unit}` }
        : column,
    );
    const title = screen.paint("bold", work) + driftInWords(here);
    return `${title}\n${table(columns, differenceRows(here, screen), screen.width)}`;
  });
  const title = `Against the run of ${earlier.startedAt}, @pipe512/core ${earlier.versions.core}`;
  return [screen.paint("bold", title), ...tables, differenceSummary(all)].join("\n\n");
}

/** The drift of the machine, if it is known, for the end of a title. */
export function driftInWords([first]: readonly Difference[]): string {
  if (first === undefined || first.drift === 1) return "";
  return `; the machine itself was ${times(first.drift)}, which is removed from the change`;
}

/** Name, old, new, change, its interval, verdict. */
export function differenceRows(all: readonly Difference[], screen: Screen): string[][] {
  return all.map(({ implementation, before, now, ratio: change, verdict }) => [
    marked(implementation),
    measured(before.median),
    measured(now.median),
    times(change.median),
    `${times(change.low)} to ${times(change.high)}`,
    screen.paint(COLOURS[verdict], verdict),
  ]);
}

export function differenceSummary(all: readonly Difference[]): string {
  if (all.length === 0) return "Nothing was measured in both runs";
  const counts = (Object.keys(COLOURS) as Verdict[]).map(
    (verdict) => `${all.filter((one) => one.verdict === verdict).length} ${verdict}`,
  );
  return `New against old, beyond the drift of the machine: ${counts.join(", ")}`;
}

function keyOf({ implementation, scenario, parameters }: Measured): string {
  return JSON.stringify([implementation, scenario, parameters.chunkBytes]);
}

function isFinished({ samples, failure }: Measured): boolean {
  return samples.length > 0 && failure === undefined;
}

function costOf({ samples }: Measured): Spread {
  return spread(samples.map(({ cost }) => cost));
}
