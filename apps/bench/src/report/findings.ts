import type { Comparison } from "../runner/comparison.ts";
import type { Series } from "../runner/entrant.ts";
import type { CostSample } from "../scenarios/scenario.ts";
import type { Spread } from "../statistics.ts";
import { contender } from "../subjects/contenders.ts";
import { count, ratio, size } from "./format.ts";
import type { Screen } from "./screen.ts";
import { ratioOf } from "./standings.ts";
import { type Column, table } from "./table.ts";

/** One of ours, and what people use in its place. */
interface Choice {
  /** What it is for. */
  readonly use: string;
  readonly ours: string;
  /** The first of them that was measured. */
  readonly instead: readonly string[];
}

const CHOICES: readonly Choice[] = [
  { use: "code, one await a call", ours: "core await", instead: ["PassThrough", "TransformStream"] },
  { use: "code, await only to wait", ours: "core try…", instead: ["PassThrough", "TransformStream"] },
  {
    use: "code, a loop over chunks",
    ours: "core for await",
    instead: ["it-queueless-pushable", "PassThrough", "TransformStream"],
  },
  { use: "code, a loop over views", ours: "core views", instead: ["PassThrough", "TransformStream"] },
  { use: "a Node stream on both sides", ours: "pipeDuplex", instead: ["PassThrough"] },
  { use: "code into a Node stream", ours: "toReadable", instead: ["PassThrough"] },
  { use: "a Node stream into code", ours: "toWritable", instead: ["PassThrough"] },
  { use: "a Web stream on both sides", ours: "Web pipeStream", instead: ["TransformStream"] },
  { use: "code into a Web stream", ours: "Web toReadableStream", instead: ["TransformStream"] },
  { use: "code into a stream of bytes", ours: "Web BYOB", instead: ["byte stream"] },
  { use: "code into an Observable", ours: "readEach", instead: ["RxJS from"] },
  { use: "an Observable into slow steps", ours: "throughPipe", instead: ["RxJS Subject"] },
  { use: "a thread to an awaiting one", ours: "Thread pipe awaited", instead: ["Thread postMessage"] },
  { use: "a thread to a blocked one", ours: "Thread pipe", instead: ["Thread FIFO", "Thread postMessage"] },
];

/** What a comparison says to somebody who has to choose. */
export interface Findings {
  readonly chunkSizesBytes: readonly number[];
  readonly rows: readonly Finding[];
  /** How they behave, in sentences. */
  readonly remarks: readonly string[];
}

interface Finding {
  readonly use: string;
  readonly ours: string;
  readonly instead: string;
  /** Our time over theirs at each chunk size. */
  readonly ratios: readonly (Spread | undefined)[];
  readonly pick: string;
}

/** Nothing is found where ours and what is used instead were not both measured. */
export function findingsOf(comparison: Comparison): Findings {
  const transfers = comparison.transfers.filter(
    ({ samples, failure }) => samples.length > 0 && failure === undefined,
  );
  const sizes = new Set(transfers.map(({ parameters }) => parameters.chunkBytes ?? 0));
  const chunkSizesBytes = [...sizes].toSorted((a, b) => a - b);
  const rows = CHOICES.flatMap((choice) => findingOf(choice, transfers, chunkSizesBytes));
  return { chunkSizesBytes, rows, remarks: [...heldRemark(comparison), ...timerRemark(comparison)] };
}

function findingOf(
  { use, ours, instead: alternatives }: Choice,
  transfers: readonly Series<CostSample>[],
  chunkSizesBytes: readonly number[],
): Finding[] {
  const at = (name: string, chunkBytes: number) =>
    transfers.find((one) => one.contender === name && one.parameters.chunkBytes === chunkBytes);
  const instead = alternatives.find((name) => chunkSizesBytes.some((bytes) => at(name, bytes)));
  if (instead === undefined) return [];
  const ratios = chunkSizesBytes.map((bytes) => {
    // What passes a large chunk on by reference is held against what is given it for good.
    const mine = at(`${ours}, given away`, bytes) ?? at(ours, bytes);
    const theirs = at(instead, bytes);
    return mine && theirs && ratioOf(mine, theirs);
  });
  if (ratios.every((one) => one === undefined)) return [];
  return [{ use, ours, instead, ratios, pick: pickOf(instead, ratios, chunkSizesBytes) }];
}

/** Within noise, and by the median no more than a quarter above, is as fast. */
const AS_FAST = 1.25;

/** By speed alone: ours wherever it is as fast, since it promises more. */
function pickOf(
  instead: string,
  ratios: readonly (Spread | undefined)[],
  chunkSizesBytes: readonly number[],
): string {
  const measured = ratios.flatMap((spread, index) =>
    spread === undefined ? [] : [{ bytes: chunkSizesBytes[index] ?? 0, isOurs: isAsFast(spread) }],
  );
  const good = measured.filter(({ isOurs }) => isOurs);
  const [first, last] = [good[0], good.at(-1)];
  if (first === undefined || last === undefined) return instead;
  if (good.length === measured.length) return "ours";
  if (measured.indexOf(last) === good.length - 1) return `ours up to ${size(last.bytes)}`;
  if (measured.indexOf(first) === measured.length - good.length) return `ours from ${size(first.bytes)}`;
  const bad = measured.filter(({ isOurs }) => !isOurs);
  const [word, those] = bad.length === 1 ? ["but at", bad] : ["at", good];
  return `ours ${word} ${those.map(({ bytes }) => size(bytes)).join(", ")}`;
}

function isAsFast({ median, low }: Spread): boolean {
  return low <= 1 && median <= AS_FAST;
}

function heldRemark({ stalls }: Comparison): string[] {
  const measured = stalls.flatMap(({ contender: name, failure, samples }) => {
    const accepted = failure === undefined ? samples[0]?.accepted : undefined;
    if (accepted === undefined) return [];
    const bytes = Math.max(...accepted.map(({ acceptedBytes }) => acceptedBytes));
    return [{ name, bytes, bounded: accepted.every(({ bounded }) => bounded) }];
  });
  const held = measured.filter(({ bounded }) => bounded);
  const ours = held.filter(({ name }) => name.startsWith("core"));
  const theirs = held.filter(({ name }) => contender(name).role === "peer").toSorted(byBytes);
  const most = theirs.at(-1);
  if (ours.length === 0 || most === undefined) return [];
  const endless = measured.filter(({ name, bounded }) => !bounded && contender(name).role === "peer");
  return [
    [
      `A reader that stalls leaves ${count(Math.max(...ours.map(({ bytes }) => bytes)))} bytes in the pipe`,
      `up to ${count(most.bytes)} in ${most.name}`,
      ...(endless.length === 0
        ? []
        : [`and no end of them in ${endless.map(({ name }) => name).join(", ")}`]),
    ].join(", "),
  ];
}

function byBytes(a: { readonly bytes: number }, b: { readonly bytes: number }): number {
  return a.bytes - b.bytes;
}

function timerRemark({ timers }: Comparison): string[] {
  const measured = timers.flatMap(({ contender: name, failure, samples: [sample] }) =>
    failure === undefined && sample !== undefined ? [{ name, fired: sample.fired > 0 }] : [],
  );
  const ours = measured.filter(({ name }) => contender(name).role === "ours");
  const peers = measured.filter(({ name }) => contender(name).role === "peer");
  if (ours.length === 0 || peers.length === 0 || ours.some(({ fired }) => !fired)) return [];
  const fair = peers.filter(({ fired }) => fired).map(({ name }) => name);
  const those = fair.length === 0 ? "beside none" : `only beside ${fair.join(", ")}`;
  return [`A timer of 10 ms fires beside a busy transfer of ours; of what people use instead, ${those}`];
}

/** How to read the table. */
export const FINDINGS_LEGEND =
  "Our time over theirs, round by round: below 1 ours is faster, ~ within noise. Chunks from 4 KiB on are given away (transfer: true), where ours can be given them.";

/** In the order of the cells of `findingRow`, the chunk sizes in the middle. */
export function findingHeadings({ chunkSizesBytes }: Findings): string[] {
  return ["for", "pick, by speed", "ours", "instead", ...chunkSizesBytes.map(size)];
}

export function findingRow({ use, ours, instead, ratios, pick }: Finding, screen: Screen): string[] {
  return [use, pick, ours, instead, ...ratios.map((spread) => ratioCell(spread, screen))];
}

function ratioCell(spread: Spread | undefined, screen: Screen): string {
  if (spread === undefined) return "–";
  const { median, low, high } = spread;
  // One round says nothing of noise.
  if (low === high) return ratio(median);
  if (low <= 1 && high >= 1) return screen.paint("yellow", `~${ratio(median)}`);
  return screen.paint(high < 1 ? "green" : "red", ratio(median));
}

/** The answer to the question that somebody came with; nothing where there is none. */
export function findingsReport(findings: Findings, screen: Screen): string[] {
  if (findings.rows.length === 0) return [];
  const headings = findingHeadings(findings);
  const columns = headings.map((heading, index): Column => {
    const align = index < 4 ? "left" : "right";
    // Without what it is for, and then without what is used instead, it fits a narrow terminal.
    const dispensable = { 0: 2, 3: 1 }[index];
    return { heading, align, ...(dispensable === undefined ? {} : { dispensable }) };
  });
  const rows = findings.rows.map((finding) => findingRow(finding, screen));
  const title = screen.paint("bold", "In short");
  return [[title, table(columns, rows, screen.width), FINDINGS_LEGEND, ...findings.remarks].join("\n")];
}
