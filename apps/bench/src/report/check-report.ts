import type { Checked } from "../runner/check.ts";
import type { Series } from "../runner/participant.ts";
import type { CostSample } from "../scenarios/scenario.ts";
import { median } from "../statistics.ts";
import { measured, type Words, times } from "./format.ts";
import type { Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { heading: "target", align: "left" },
  { heading: "work", align: "left", wraps: true },
  { heading: "against", align: "left", wraps: true },
  { heading: "cost", align: "left", dispensable: 3 },
  { heading: "measured", align: "right" },
  { heading: "spread", align: "left", dispensable: 1 },
  { heading: "limit", align: "right" },
  { heading: "floor", align: "right", dispensable: 4 },
  { heading: "verdict", align: "left" },
];

const COLOURS = { met: "green", "within noise": "yellow", missed: "red", "not measured": "red" } as const;

/** Each target with its ratio, spread and verdict, then the targets that could not be measured, then the number of met targets. */
export function checkReport(checked: readonly Checked[], screen: Screen): string {
  const failures = new Set(
    checked.flatMap(({ of, over, floor }) => [...of, ...over, ...floor]).flatMap(failureOf),
  );
  const rows = checked.map((one) => row(one, screen));
  return [table(COLUMNS, rows, screen.width), ...failures, summary(checked)].join("\n\n");
}

function row(
  { target, of, over, ratio: spread, floorRatio, atMost, verdict }: Checked,
  screen: Screen,
): string[] {
  const unit = of[0]?.samples[0]?.unit ?? "";
  // If nothing is compared, the cost itself has a limit.
  const figure = over.length === 0 ? measured : (value: number) => times(value, words(unit), 2);
  return [
    target.id,
    target.work,
    target.against,
    spread === undefined ? "" : `${[of, over].filter(isAny).map(costs).join(" : ")} ${unit}`,
    spread === undefined ? "–" : figure(spread.median),
    spread === undefined ? "" : `${figure(spread.low)} to ${figure(spread.high)}`,
    figure(atMost),
    floorRatio === undefined ? "" : figure(floorRatio.median),
    screen.paint(COLOURS[verdict], verdict),
  ];
}

/** For memory it says "less", not "faster". */
function words(unit: string): Words {
  return unit.startsWith("ns") ? ["faster", "slower"] : ["less", "more"];
}

function isAny(series: readonly unknown[]): boolean {
  return series.length > 0;
}

function costs(series: readonly Series<CostSample>[]): string {
  return series.map(({ samples }) => measured(median(samples.map(({ cost }) => cost)))).join(" × ");
}

function failureOf({ implementation, scenario, failure, failureKind }: Series<CostSample>): string[] {
  if (failure === undefined) return [];
  if (failureKind === "takes no part") return [`${implementation} takes no part: ${failure}`];
  return [`${implementation} failed (${scenario}): ${failure}`];
}

function summary(checked: readonly Checked[]): string {
  const counts = (Object.keys(COLOURS) as Checked["verdict"][]).map((verdict) => {
    return `${checked.filter((one) => one.verdict === verdict).length} ${verdict}`;
  });
  return `${checked.length} targets: ${counts.join(", ")}`;
}
