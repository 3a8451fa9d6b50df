import type { Comparison } from "../runner/comparison.ts";
import type { Series } from "../runner/participant.ts";
import type { CancelSample } from "../scenarios/cancel.ts";
import type { CostSample } from "../scenarios/scenario.ts";
import { shapes } from "../scenarios/shapes.ts";
import type { StallSample } from "../scenarios/stall.ts";
import type { TimerSample } from "../scenarios/timer.ts";
import type { WholeFileSample } from "../scenarios/whole-file.ts";
import { standing } from "../statistics.ts";
import { implementation, implementations, titleOf } from "../subjects/implementations.ts";
import { GROUPS, type Group, groupOf } from "../subjects/groups.ts";
import { findingsOf } from "./findings.ts";
import { findingsReport, ourMark, ratioCell } from "./findings-report.ts";
import { count, measured, plusMinus, size } from "./format.ts";
import { headline } from "./headline.ts";
import { LACKS_LEGEND, lacksOf } from "./lacks.ts";
import { type Load, noiseInWords } from "./load.ts";
import { type Screen, wrapped } from "./screen.ts";
import { costStandings, type Standing, type Standings, standings } from "./standings.ts";
import { type Column, type Row, table } from "./table.ts";

const SPEED_COLUMNS: readonly Column[] = [
  { heading: "", align: "left", wraps: true },
  { heading: "ns/chunk", align: "right" },
  { heading: "spread", align: "right", dispensable: 1 },
  { heading: "MB/s", align: "right", dispensable: 2 },
  { heading: "speed", align: "right" },
  { heading: "lacks", align: "left" },
];

const CANCEL_COLUMNS: readonly Column[] = [
  { heading: "", align: "left", wraps: true },
  { heading: "the writer", align: "left" },
  { heading: "the reader's loop", align: "left" },
  { heading: "unhandled errors", align: "right", dispensable: 1 },
  { heading: "bytes lost", align: "right" },
];

/** The legend of the tables, one line each. */
export function legend({ transfers, costs, stalls, timers, cancels }: Comparison): string[] {
  const hasRatios = transfers.length + costs.length > 0;
  const lines: readonly (readonly [isNeeded: boolean, line: string])[] = [
    [hasRatios, "● pipe512"],
    [
      hasRatios,
      "speed: time relative to the implementation in the title, in the same round, the median of the rounds; unclear if the 95 % confidence interval lies on both sides of 1 and is wide",
    ],
    [
      hasRatios,
      "spread: the 95 % confidence interval of the median; with fewer than 6 rounds, the range of all",
    ],
    [hasRatios, LACKS_LEGEND],
    [hasRatios, "Time is CPU time: the time that other programs took is not counted"],
    [
      costs.some(({ scenario }) => scenario === "slow-reader"),
      "most bytes held: accepted from the writer and not yet read, at any pause of the slow reader",
    ],
    [stalls.length > 0, "bytes held: the maximum accepted from a writer while its reader stalls"],
    [
      timers.length > 0,
      "10 ms timer: how often it fired during a transfer, and the CPU time of the transfer",
    ],
    [
      cancels.length > 0,
      "the reader's loop: failed with an error, ended as if all bytes had come, or never settled",
    ],
    [
      cancels.length > 0,
      "a writer that never settled: code that waits for the `drain` of a destroyed Node stream must listen for its `close` too",
    ],
    [
      transfers.length > 0,
      "PassThrough and TransformStream pass chunks by reference, so they do not copy large chunks; views do not copy them either",
    ],
    [hasRatios, "1 MB is 1,000,000 bytes"],
  ];
  return lines.flatMap(([isNeeded, line]) => (isNeeded ? [line] : []));
}

/**
 * The summary in one sentence, a table for each chunk size, a table of the behaviour, the failures, and the legend. On a
 * terminal, the summary and the recommendation are repeated at the end.
 */
export function comparisonReport(comparison: Comparison, load: Load, screen: Screen): string {
  const sentence = headline(comparison, load);
  const shown = sentence === undefined ? [] : [screen.paint("bold", wrapped(sentence, screen.width))];
  const lines = legend(comparison).map((line) => wrapped(line, screen.width, "  "));
  const findings = findingsReport(findingsOf(comparison, load), load, screen);
  return [
    ...shown,
    ...comparisonTables(comparison, load, screen),
    screen.paint("dim", lines.join("\n")),
    ...(findings.length === 0 ? [] : shown),
    ...findings,
  ].join("\n\n");
}

/** Only the tables. */
export function comparisonTables(comparison: Comparison, load: Load, screen: Screen): string[] {
  return [
    ...standings(comparison.transfers).map((one) => speedReport(one, load, screen)),
    ...costReports(comparison.costs, screen),
    ...behaviourReport(comparison, screen),
    ...cancelReport(comparison.cancels, screen),
    ...failures(comparison).map((failure) => screen.paint("red", wrapped(failure, screen.width, "  "))),
  ];
}

/** The failures, one line each. */
export function failures({ files, transfers, costs, stalls, timers, cancels }: Comparison): string[] {
  return [...files, ...transfers, ...costs, ...stalls, ...timers, ...cancels].flatMap((series) => {
    if (series.failure === undefined || series.failureKind === "takes no part") return [];
    const { implementation: name, scenario, parameters, failure } = series;
    const where =
      parameters.chunkBytes === undefined ? scenario : `${scenario}, ${size(parameters.chunkBytes)}`;
    return [`${name} failed (${where}): ${failure}`];
  });
}

function speedReport(one: Standings, load: Load, screen: Screen): string {
  const { chunkBytes, reference } = one;
  const title = screen.paint("bold", `Chunks of ${size(chunkBytes)}`);
  return [
    `${title}${against(reference)}${isAllNoise(one) ? `: ${noiseInWords(load)}` : ""}`,
    table(SPEED_COLUMNS, grouped(one, screen), screen.width),
  ].join("\n");
}

/** Whether every row is unclear against the implementation in the title. */
export function isAllNoise({ rows, reference }: Standings): boolean {
  const ratios = rows.flatMap(({ implementation: name, ratioToReference: ratio, rounds }) =>
    ratio === undefined || name === reference || rounds === 1 ? [] : [standing(ratio)],
  );
  return ratios.length > 0 && ratios.every((found) => found === "unclear");
}

function against(reference: string | undefined): string {
  return reference === undefined
    ? ", no other implementation was measured"
    : `, against ${titleOf(reference)}`;
}

/** Rows under the titles of their groups. */
function grouped(one: Standings, screen: Screen): Row[] {
  const rows = one.rows.map((row) => ({ row, group: groupOf(row.implementation) }));
  return (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const members = rows.filter((other) => other.group === group);
    if (members.length === 0) return [];
    return [
      screen.paint("dim", GROUPS[group]),
      ...members.map(({ row }) => speedRow(row, one.reference, screen)),
    ];
  });
}

/** Name, cost, spread, MB/s if the cost is that of chunks, speed, missing promises, and the bytes that a slow reader left unread. */
export function roundedRows(one: Standings, screen: Screen): string[][] {
  return one.rows.map((row) => {
    const [name = "", speed = "", spread = "", throughput = "", ...rest] = speedRow(
      row,
      one.reference,
      screen,
    );
    const held = row.mostBytesHeld === undefined ? "" : count(row.mostBytesHeld);
    return [name, speed, spread, "scenario" in one ? "" : throughput, ...rest, held];
  });
}

function speedRow(row: Standing, reference: string | undefined, screen: Screen): string[] {
  const { implementation: name, nsPerChunk, megabytesPerSecond, ratioToReference, rounds, failure } = row;
  const title = marked(name);
  if (nsPerChunk === undefined || megabytesPerSecond === undefined)
    return [title, screen.paint(failure === "takes no part" ? "dim" : "red", failure ?? "–"), "", "", "", ""];
  const spread = rounds === 1 ? "one round" : row.spread === undefined ? "" : plusMinus(row.spread);
  const cells = [title, measured(nsPerChunk), spread, measured(megabytesPerSecond)];
  if (ratioToReference === undefined) return [...cells, "–", lacksOf(name)];
  if (name === reference) return [...cells, "the measure", lacksOf(name)];
  const isOurs = implementation(name).role === "ours";
  const speed = isOurs ? ratioCell(ratioToReference, screen) : ratioCell(ratioToReference, PLAIN);
  return [...cells, speed, lacksOf(name)];
}

/** Only rows of pipe512 are marked as better or worse. */
const PLAIN: Screen = { width: Number.POSITIVE_INFINITY, paint: (_colour, text) => text };

function costReports(costs: readonly Series<CostSample>[], screen: Screen): string[] {
  return costStandings(costs).map((one) => {
    const { title, cost } = shapes[one.scenario];
    const hasHeld = one.rows.some(({ mostBytesHeld }) => mostBytesHeld !== undefined);
    const columns = SPEED_COLUMNS.flatMap((column): Column[] => {
      if (column.heading === "MB/s") return [];
      return [column.heading === "ns/chunk" ? { ...column, heading: cost.unit } : column];
    });
    const held: Column[] = hasHeld ? [{ heading: "most bytes held", align: "right" }] : [];
    const heldBy = new Map(one.rows.map((row) => [marked(row.implementation), row.mostBytesHeld]));
    const cells = grouped(one, screen).map((row): Row => {
      if (typeof row === "string") return row;
      const [name = "", speed = "", spread = "", , ...rest] = row;
      const bytes = heldBy.get(name);
      return [name, speed, spread, ...rest, ...(hasHeld ? [bytes === undefined ? "" : count(bytes)] : [])];
    });
    const heading = screen.paint("bold", title) + against(one.reference);
    return `${wrapped(heading, screen.width)}\n${table([...columns, ...held], cells, screen.width)}`;
  });
}

function behaviourReport(comparison: Comparison, screen: Screen): string[] {
  const { headings, rows } = behaviour(comparison, screen);
  if (rows.length === 0) return [];
  const columns = headings.map((heading): Column => {
    const isName = heading === "";
    return { heading, align: heading === "bytes held" ? "right" : "left", ...(isName && { wraps: true }) };
  });
  return [`${screen.paint("bold", "Behaviour")}\n${table(columns, rows, screen.width)}`];
}

/** The measured implementations, and their behaviour in those of three scenarios that were run. */
export function behaviour(
  { files, stalls, timers }: Comparison,
  screen: Screen,
): { readonly headings: string[]; readonly rows: string[][] } {
  const of = <Sample>(all: readonly Series<Sample>[], name: string) =>
    all.find((series) => series.implementation === name);
  const columns = [
    { heading: "bytes held", all: stalls, cell: (name: string) => stallCell(of(stalls, name), screen) },
    { heading: "10 ms timer", all: timers, cell: (name: string) => timerCell(of(timers, name), screen) },
    { heading: "SHA-256", all: files, cell: (name: string) => fileCell(of(files, name), screen) },
  ].filter(({ all }) => all.length > 0);
  const behaved = [...stalls, ...timers];
  // If only the file was sent, a row shows only that, or the failure.
  const sent = files.filter(({ failure }) => behaved.length === 0 || failure !== undefined);
  const names = implementationsOf([...behaved, ...sent]);
  return {
    headings: ["", ...columns.map(({ heading }) => heading)],
    rows: names.map((name) => [marked(name), ...columns.map(({ cell }) => cell(name))]),
  };
}

/** In the order of the list. */
function implementationsOf(all: readonly Series<unknown>[]): string[] {
  const names = new Set(all.map((series) => series.implementation));
  return implementations.map(({ name }) => name).filter((name) => names.has(name));
}

function cancelReport(cancels: readonly Series<CancelSample>[], screen: Screen): string[] {
  const rows = cancelRows(cancels, screen);
  if (rows.length === 0) return [];
  return [`${screen.paint("bold", shapes.cancel.title)}\n${table(CANCEL_COLUMNS, rows, screen.width)}`];
}

/** Name, outcome of writer and reader, unhandled errors, lost bytes; only of the implementations that take part. */
export function cancelRows(cancels: readonly Series<CancelSample>[], screen: Screen): string[][] {
  const takingPart = cancels.filter(({ failureKind }) => failureKind !== "takes no part");
  return takingPart.map((series) => {
    const result = resultOf(series);
    if (result === undefined) return [marked(series.implementation), series.failureKind ?? "–", "", "", ""];
    const { writer, reader, unhandled, bytesLost } = result;
    return [
      marked(series.implementation),
      writer === "failed"
        ? "is notified"
        : screen.paint("yellow", writer === "ended" ? "is not notified" : writer),
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

/** The sample of a scenario that runs once; `undefined` if it failed or was not run. */
function resultOf<Sample>(series: Series<Sample> | undefined): Sample | undefined {
  return series?.failure === undefined ? series?.samples[0] : undefined;
}

/** Those of pipe512 with their mark; those for orientation with their role. */
export function marked(name: string): string {
  const { role } = implementation(name);
  if (role === "ours") return ourMark(name);
  return role === "baseline" || role === "floor" ? `  ${titleOf(name)} (${role})` : `  ${titleOf(name)}`;
}
