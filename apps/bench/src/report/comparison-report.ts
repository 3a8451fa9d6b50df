import type { Comparison } from "../runner/comparison.ts";
import type { Series } from "../runner/entrant.ts";
import type { CancelSample } from "../scenarios/cancel.ts";
import type { CostSample } from "../scenarios/scenario.ts";
import { shapes } from "../scenarios/shapes.ts";
import type { StallSample } from "../scenarios/stall.ts";
import type { TimerSample } from "../scenarios/timer.ts";
import type { WholeFileSample } from "../scenarios/whole-file.ts";
import { contender, contenders } from "../subjects/contenders.ts";
import { findingsOf, findingsReport } from "./findings.ts";
import { count, measured, ratio, size } from "./format.ts";
import type { Screen } from "./screen.ts";
import { costStandings, type Standing, type Standings, standings } from "./standings.ts";
import { type Column, table } from "./table.ts";

const SPEED_COLUMNS: readonly Column[] = [
  { heading: "", align: "left" },
  { heading: "ns/chunk", align: "right" },
  { heading: "MB/s", align: "right", dispensable: 1 },
  { heading: "ratio", align: "right" },
  { heading: "spread", align: "left", dispensable: 2 },
];

const CANCEL_COLUMNS: readonly Column[] = [
  { heading: "", align: "left" },
  { heading: "the writer", align: "left" },
  { heading: "the reader's loop", align: "left" },
  { heading: "unhandled errors", align: "right", dispensable: 1 },
  { heading: "bytes lost", align: "right" },
];

/** How to read what was measured, a line each. */
export function legend({ transfers, costs, stalls, timers, cancels }: Comparison): string[] {
  const hasRatios = transfers.length + costs.length > 0;
  const lines: readonly (readonly [isNeeded: boolean, line: string])[] = [
    [hasRatios, "ratio: time over that of the fastest peer in the same round, the median of the rounds"],
    [hasRatios, "spread: holds the true median with 95 %; fewer than 6 rounds are shown whole"],
    [
      costs.some(({ scenario }) => scenario === "slow-reader"),
      "most bytes held: accepted from the writer and not yet read, at any pause of the slow reader",
    ],
    [stalls.length > 0, "bytes held: what a writer gets rid of, at most, while its reader stalls"],
    [timers.length > 0, "10 ms timer: how often it fired beside a transfer"],
    [
      cancels.length > 0,
      "the reader's loop: failed with an error, ended as if all had come, or never settled",
    ],
    [
      cancels.length > 0,
      "a writer that never settled: who waits for the `drain` of a Node stream that was destroyed must listen for its `close` too",
    ],
    [
      transfers.length > 0,
      "PassThrough and TransformStream pass references on, so large chunks cost them no copy; views copy none either",
    ],
    [hasRatios, "A baseline and a floor are no peers. 1 MB is 1,000,000 bytes."],
  ];
  return lines.flatMap(([isNeeded, line]) => (isNeeded ? [line] : []));
}

/**
 * A table for each chunk size, one for how everybody behaves, what failed, and how to read it all; last, where a terminal
 * shows it, what it comes to.
 */
export function comparisonReport(comparison: Comparison, screen: Screen): string {
  return [
    ...comparisonTables(comparison, screen),
    screen.paint("dim", legend(comparison).join("\n")),
    ...findingsReport(findingsOf(comparison), screen),
  ].join("\n\n");
}

/** The same for those who know how to read it. */
export function comparisonTables(comparison: Comparison, screen: Screen): string[] {
  return [
    ...standings(comparison.transfers).map((one) => speedReport(one, screen)),
    ...costReports(comparison.costs, screen),
    ...behaviourReport(comparison, screen),
    ...cancelReport(comparison.cancels, screen),
    ...failures(comparison).map((failure) => screen.paint("red", failure)),
  ];
}

/** What went wrong, a line each. */
export function failures({ files, transfers, costs, stalls, timers, cancels }: Comparison): string[] {
  return [...files, ...transfers, ...costs, ...stalls, ...timers, ...cancels].flatMap((series) => {
    if (series.failure === undefined || series.failureKind === "takes no part") return [];
    const { contender: name, scenario, parameters, failure } = series;
    const where =
      parameters.chunkBytes === undefined ? scenario : `${scenario}, ${size(parameters.chunkBytes)}`;
    return [`${name} failed (${where}): ${failure}`];
  });
}

function speedReport({ chunkBytes, fastestPeer, rows }: Standings, screen: Screen): string {
  const title = screen.paint("bold", `Chunks of ${size(chunkBytes)}`);
  const against = fastestPeer === undefined ? "no peer was measured" : `fastest peer: ${fastestPeer}`;
  const cells = rows.map((row) => speedRow(row, fastestPeer, screen));
  return `${title}, ${against}\n${table(SPEED_COLUMNS, cells, screen.width)}`;
}

/** Name, cost, MB/s where the cost is that of chunks, ratio, spread, and what a slow reader left lying. */
export function roundedRows(one: Standings, screen: Screen): string[][] {
  return one.rows.map((row) => {
    const [name = "", speed = "", throughput = "", ...ratios] = speedRow(row, one.fastestPeer, screen);
    const held = row.mostBytesHeld === undefined ? "" : count(row.mostBytesHeld);
    return [name, speed, "scenario" in one ? "" : throughput, ...ratios, held];
  });
}

function speedRow(standing: Standing, fastestPeer: string | undefined, screen: Screen): string[] {
  const { contender: name, nsPerChunk, megabytesPerSecond, ratioToFastestPeer, rounds, failure } = standing;
  const title = titleOf(name);
  if (nsPerChunk === undefined || megabytesPerSecond === undefined)
    return [title, screen.paint(failure === "takes no part" ? "dim" : "red", failure ?? "–"), "", "", ""];
  const speed = [title, measured(nsPerChunk), measured(megabytesPerSecond)];
  if (ratioToFastestPeer === undefined) return [...speed, "–", ""];
  if (name === fastestPeer) return [...speed, "1", ""];
  const { median, low, high } = ratioToFastestPeer;
  if (rounds === 1) return [...speed, ratio(median), "one round"];
  const range = `${ratio(low)}–${ratio(high)}`;
  if (low <= 1 && high >= 1)
    return [...speed, screen.paint("yellow", ratio(median)), `${range}, within noise`];
  if (contender(name).role !== "ours") return [...speed, ratio(median), range];
  return [...speed, screen.paint(high < 1 ? "green" : "red", ratio(median)), range];
}

function costReports(costs: readonly Series<CostSample>[], screen: Screen): string[] {
  return costStandings(costs).map(({ scenario, fastestPeer, rows }) => {
    const { title, cost } = shapes[scenario];
    const columns = SPEED_COLUMNS.filter(({ heading }) => heading !== "MB/s").map((column) => {
      return column.heading === "ns/chunk" ? { ...column, heading: cost.unit } : column;
    });
    const held = rows.some(({ mostBytesHeld }) => mostBytesHeld !== undefined);
    const extra: readonly Column[] = held ? [{ heading: "most bytes held", align: "right" }] : [];
    const cells = rows.map((row) => {
      const [name = "", speed = "", , ...ratios] = speedRow(row, fastestPeer, screen);
      const bytes = row.mostBytesHeld === undefined ? "" : count(row.mostBytesHeld);
      return [name, speed, ...ratios, ...(held ? [bytes] : [])];
    });
    const against = fastestPeer === undefined ? "" : `, fastest peer: ${fastestPeer}`;
    return `${screen.paint("bold", title)}${against}\n${table([...columns, ...extra], cells, screen.width)}`;
  });
}

function behaviourReport(comparison: Comparison, screen: Screen): string[] {
  const { headings, rows } = behaviour(comparison, screen);
  if (rows.length === 0) return [];
  const columns = headings.map((heading): Column => {
    return { heading, align: heading === "bytes held" ? "right" : "left" };
  });
  return [`${screen.paint("bold", "Behaviour")}\n${table(columns, rows, screen.width)}`];
}

/** Whoever was measured, and what it did in those of three scenarios that were run. */
export function behaviour(
  { files, stalls, timers }: Comparison,
  screen: Screen,
): { readonly headings: string[]; readonly rows: string[][] } {
  const of = <Sample>(all: readonly Series<Sample>[], name: string) =>
    all.find((series) => series.contender === name);
  const columns = [
    { heading: "bytes held", all: stalls, cell: (name: string) => stallCell(of(stalls, name), screen) },
    { heading: "10 ms timer", all: timers, cell: (name: string) => timerCell(of(timers, name), screen) },
    { heading: "SHA-256", all: files, cell: (name: string) => fileCell(of(files, name), screen) },
  ].filter(({ all }) => all.length > 0);
  const behaved = [...stalls, ...timers];
  // Who was sent the file alone has a row where there is nothing else to tell, or where it failed.
  const sent = files.filter(({ failure }) => behaved.length === 0 || failure !== undefined);
  const names = contendersOf([...behaved, ...sent]);
  return {
    headings: ["", ...columns.map(({ heading }) => heading)],
    rows: names.map((name) => [titleOf(name), ...columns.map(({ cell }) => cell(name))]),
  };
}

/** In the order in which they are listed. */
function contendersOf(all: readonly Series<unknown>[]): string[] {
  const names = new Set(all.map((series) => series.contender));
  return contenders.map(({ name }) => name).filter((name) => names.has(name));
}

function cancelReport(cancels: readonly Series<CancelSample>[], screen: Screen): string[] {
  const rows = cancelRows(cancels, screen);
  if (rows.length === 0) return [];
  return [`${screen.paint("bold", shapes.cancel.title)}\n${table(CANCEL_COLUMNS, rows, screen.width)}`];
}

/** Name, what became of writer and reader, unhandled errors, bytes lost; only of those that take part. */
export function cancelRows(cancels: readonly Series<CancelSample>[], screen: Screen): string[][] {
  const takingPart = cancels.filter(({ failureKind }) => failureKind !== "takes no part");
  return takingPart.map((series) => {
    const result = resultOf(series);
    if (result === undefined) return [titleOf(series.contender), series.failureKind ?? "–", "", "", ""];
    const { writer, reader, unhandled, bytesLost } = result;
    return [
      titleOf(series.contender),
      writer === "failed" ? "is told" : screen.paint("yellow", writer === "ended" ? "is not told" : writer),
      reader === "never settled" ? screen.paint("yellow", reader) : reader,
      unhandled === 0 ? "0" : screen.paint("yellow", count(unhandled)),
      count(bytesLost),
    ];
  });
}

function stallCell(series: Series<StallSample> | undefined, screen: Screen): string {
  const accepted = resultOf(series)?.accepted;
  if (accepted === undefined) return series?.failureKind ?? "–";
  if (accepted.some(({ bounded }) => !bounded)) return screen.paint("yellow", "no limit");
  return count(Math.max(...accepted.map(({ acceptedBytes }) => acceptedBytes)));
}

function timerCell(series: Series<TimerSample> | undefined, screen: Screen): string {
  const result = resultOf(series);
  if (result === undefined) return series?.failureKind ?? "–";
  const elapsed = `in ${count(result.elapsedNs / 1e6)} ms`;
  return result.fired === 0 ? screen.paint("yellow", `never ${elapsed}`) : `${result.fired} × ${elapsed}`;
}

function fileCell(series: Series<WholeFileSample> | undefined, screen: Screen): string {
  if (series?.failureKind === "takes no part") return "–";
  if (series?.failure !== undefined) return screen.paint("red", series.failureKind ?? "not ok");
  return resultOf(series) === undefined ? "–" : "ok";
}

/** The sample of a scenario that is run once; none where it failed or was not run. */
function resultOf<Sample>(series: Series<Sample> | undefined): Sample | undefined {
  return series?.failure === undefined ? series?.samples[0] : undefined;
}

function titleOf(name: string): string {
  const { role } = contender(name);
  return role === "baseline" || role === "floor" ? `${name} (${role})` : name;
}
