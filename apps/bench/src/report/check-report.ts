import type { Checked, Series } from "../runner/check.ts";
import { median } from "../statistics.ts";
import { measured, ratio } from "./format.ts";
import { type Column, table } from "./table.ts";

const columns: readonly Column[] = [
  { heading: "target", align: "left" },
  { heading: "work", align: "left" },
  { heading: "cost", align: "left" },
  { heading: "ratio", align: "right" },
  { heading: "spread", align: "left" },
  { heading: "at most", align: "right" },
  { heading: "verdict", align: "left" },
];

/** Each target with its ratio, spread and verdict, then why some could not be measured, then a line that counts them. */
export function checkReport(checked: readonly Checked[]): string {
  const failures = new Set(checked.flatMap(({ of, over }) => [...of, ...over]).flatMap(failure));
  return [table(columns, checked.map(row)), ...failures, summary(checked)].join("\n\n");
}

function row({ target, of, over, ratio: spread, atMost, verdict }: Checked): string[] {
  return [
    target.id,
    target.work,
    spread === undefined ? "" : `${costs(of)} : ${costs(over)} ${of[0]?.samples[0]?.unit ?? ""}`,
    spread === undefined ? "–" : ratio(spread.median),
    spread === undefined ? "" : `${ratio(spread.low)}–${ratio(spread.high)}`,
    String(atMost),
    verdict,
  ];
}

function costs(series: readonly Series[]): string {
  return series.map(({ samples }) => measured(median(samples.map(({ cost }) => cost)))).join(" × ");
}

function failure({ measurement, failure: reason }: Series): string[] {
  return reason === undefined ? [] : [`${measurement.contender} in ${measurement.scenario}: ${reason}`];
}

function summary(checked: readonly Checked[]): string {
  const verdicts = ["met", "within noise", "missed", "not measured"] as const;
  const counts = verdicts.map(
    (verdict) => `${checked.filter((one) => one.verdict === verdict).length} ${verdict}`,
  );
  return counts.join(", ");
}
