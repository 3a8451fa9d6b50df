import type { Comparison } from "../runner/comparison.ts";
import { titleOf as runtimeTitle } from "../runner/runtimes.ts";
import { shapes } from "../scenarios/shapes.ts";
import {
  behaviour,
  cancelRows,
  failures,
  isAllNoise,
  legend,
  marked,
  roundedRows,
} from "./comparison-report.ts";
import { type Difference, differenceRows, differenceSummary, driftInWords } from "./difference.ts";
import { drawn } from "./dom.ts";
import { featureTables } from "./features.ts";
import { type Finding, findingsOf, isNoise } from "./findings.ts";
import { FINDINGS_LEGEND, ourMark, ratioCell, SAME_TITLE, TODAY_TITLE } from "./findings-report.ts";
import { count, size } from "./format.ts";
import { guide } from "./guide.ts";
import { headline } from "./headline.ts";
import type { Run } from "./json.ts";
import { lacksOf } from "./lacks.ts";
import { type Load, loadInWords, noiseInWords } from "./load.ts";
import { machine, versions } from "./machine.ts";
import { type Element, Page, PAGE_SCREEN } from "./page.ts";
import { costPicture, growthPicture, memoryPicture, storyPicture } from "./pictures.ts";
import { costStandings, type Standings, standings } from "./standings.ts";
import { titleOf } from "../subjects/implementations.ts";

/**
 * The whole comparison as one file that needs no network and no script: the summary, one picture, the memory, the
 * recommendation, and everything else folded. Every picture consists of text or has its numbers beside it.
 */
export function comparisonHtml(run: Run, comparison: Comparison, changes?: readonly Difference[]): string {
  const page = new Page("pipe512: which pipe should I pick?");
  const all = standings(comparison.transfers);
  const sentence = headline(comparison, run.load) ?? "Which pipe should I pick, on this machine?";
  const problems = failures(comparison).map((failure) => page.element("p", { class: "bad" }, failure));
  page.document.body.append(
    page.element(
      "header",
      {},
      brand(page),
      page.element("h1", {}, ...emphasised(page, sentence)),
      ...about(page, run),
    ),
    page.element(
      "main",
      {},
      ...problems,
      ...picture(page, "speed", storyPicture(page.document, all), "What people choose between"),
      ...picture(
        page,
        "memory",
        memoryPicture(page.document, comparison),
        "What a writer fills while its reader stalls",
      ),
      ...advice(page, comparison, run.load),
      section(page, "choose", "Code for what you have", ...guide(page, all)),
      section(page, "details", "Details", ...details(page, comparison, all, run.load, changes)),
    ),
  );
  return page.toString();
}

function section(page: Page, id: string, title: string, ...content: readonly Element[]): Element {
  return page.element("section", { id }, page.element("h2", {}, title), ...content);
}

function picture(page: Page, id: string, drawing: Element | undefined, title: string): Element[] {
  if (drawing === undefined) return [];
  return [section(page, id, title, page.element("figure", { class: "card" }, drawing))];
}

/** The ring, open where the reader is. */
function brand(page: Page): Element {
  const ring = { cx: "12", cy: "12", r: "8", fill: "none", "stroke-width": "5" };
  const mark = drawn(
    page.document,
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    drawn(page.document, "circle", { ...ring, stroke: "var(--pipe-soft)" }),
    drawn(page.document, "circle", { ...ring, stroke: "var(--pipe)", "stroke-dasharray": "34 17" }),
  );
  return page.element("p", { class: "brand" }, mark, "pipe512 ", page.element("span", {}, "benchmark"));
}

/** Emphasises the figures of a sentence. */
function emphasised(page: Page, sentence: string): (Element | string)[] {
  const figures =
    /((?:[\d.,]+ times as (?:fast|slow))|as fast as|(?:[\d.,]+ bytes of memory)|too noisy to tell)/;
  return sentence
    .split(figures)
    .map((part, index) => (index % 2 === 1 ? page.element("em", {}, part) : part));
}

function about(page: Page, run: Run): Element[] {
  const { cpu, cpuCount, platform, arch } = machine();
  const { go, core } = versions(run.runtimes);
  const runtime = runtimeTitle(run.runtimes);
  const parts = [
    `${cpuCount} × ${cpu}, ${platform} ${arch}`,
    go === null ? runtime : `${runtime}, ${go}`,
    `@pipe512/core ${core}`,
    `${loadInWords(run.load.before)} before, ${run.load.after.toFixed(1)} after`,
    `a file of ${count(run.input.bytes)} bytes`,
    when(run.startedAt),
  ];
  return [
    page.element("p", { class: "ground" }, `${parts.join(" · ")}.`),
    ...(run.interrupted
      ? [page.element("p", { class: "bad" }, "Interrupted: this is what was measured until then.")]
      : []),
  ];
}

/** To the minute: `2026-11-28 12:36 UTC`. */
function when(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The recommendations: first against the same promise, then against the streams of today. */
function advice(page: Page, comparison: Comparison, load: Load): Element[] {
  const findings = findingsOf(comparison, load);
  const headings = ["", "against", "which lacks", ...findings.chunkSizesBytes.map(size), "pick"];
  const tables = [
    [SAME_TITLE, findings.same],
    [TODAY_TITLE, findings.today],
  ] as const;
  const shown = tables.flatMap(([title, rows]) =>
    rows.length === 0
      ? []
      : [
          page.table(
            title,
            headings,
            rows.map((row) => adviceRow(row, load)),
          ),
        ],
  );
  if (shown.length === 0) return [];
  const remarks = [FINDINGS_LEGEND, ...findings.remarks].map((remark) => page.sentence("li", remark));
  return [
    section(
      page,
      "advice",
      "What to pick",
      ...shown.map((table) => page.element("div", { class: "card" }, table)),
      page.element("ul", { class: "remarks" }, ...remarks),
    ),
  ];
}

function adviceRow(finding: Finding, load: Load): string[] {
  const { ours, rival, ratios, pick } = finding;
  const cells = isNoise(finding)
    ? [noiseInWords(load), ...ratios.slice(1).map(() => "")]
    : ratios.map((ratio) => ratioCell(ratio, PAGE_SCREEN));
  return [ourMark(ours), titleOf(rival), lacksOf(rival), ...cells, pick];
}

function details(
  page: Page,
  comparison: Comparison,
  all: readonly Standings[],
  load: Load,
  changes: readonly Difference[] | undefined,
): Element[] {
  const growth = all.length < 2 ? [] : [page.fold("Time over size", growthPicture(page.document, all))];
  const features = featureTables(page);
  return [
    ...growth,
    ...all.map((one) => costFold(page, `Chunks of ${size(one.chunkBytes)}`, one, "ns/chunk", load)),
    ...costStandings(comparison.costs).map((one) => {
      const { title, cost } = shapes[one.scenario];
      return costFold(page, title, one, cost.unit, load);
    }),
    ...behaviourFolds(page, comparison),
    ...(features.length === 0 ? [] : [page.fold("What is guaranteed", ...features)]),
    ...(changes === undefined ? [] : [differenceFold(page, changes)]),
    page.fold(
      "How to read this",
      page.element("ul", {}, ...legend(comparison).map((line) => page.sentence("li", line))),
    ),
  ];
}

function costFold(page: Page, title: string, one: Standings, unit: string, load: Load): Element {
  const against = one.reference === undefined ? "speed" : `against ${titleOf(one.reference)}`;
  const headings = ["", unit, "spread", "MB/s", against, "lacks", "most bytes held"];
  const rows = roundedRows(one, PAGE_SCREEN);
  const isEmpty = (index: number) => rows.every((row) => (row[index] ?? "") === "");
  const kept = headings.map((_, index) => index).filter((index) => index === 0 || !isEmpty(index));
  const table = page.table(
    title,
    kept.map((index) => headings[index] ?? ""),
    rows.map((row) => kept.map((index) => row[index] ?? "")),
  );
  if (!one.rows.some(({ nsPerChunk }) => nsPerChunk !== undefined)) return page.fold(title, table);
  return page.fold(
    title,
    ...(isAllNoise(one) ? [page.element("p", { class: "noise" }, noiseInWords(load))] : []),
    page.element("figure", {}, costPicture(page.document, one, unit)),
    page.element("details", { class: "numbers" }, page.element("summary", {}, "The numbers"), table),
  );
}

/** The numbers of the picture, and the implementations without a limit. */
function stalledTable(page: Page, { stalls }: Comparison): Element {
  const measured = stalls.filter(({ failure, samples }) => failure === undefined && samples.length > 0);
  const sizes = measured[0]?.samples[0]?.accepted.map(({ chunkBytes }) => size(chunkBytes)) ?? [];
  const rows = measured.map(({ implementation, samples }) => [
    marked(implementation),
    ...(samples[0]?.accepted ?? []).map(({ acceptedBytes, bounded }) =>
      bounded ? count(acceptedBytes) : "∞",
    ),
  ]);
  return page.table(
    "Bytes held while the reader stalls",
    ["", ...sizes.map((bytes) => `chunks of ${bytes}`)],
    rows,
  );
}

function behaviourFolds(page: Page, comparison: Comparison): Element[] {
  const { headings, rows } = behaviour(comparison, PAGE_SCREEN);
  const cancels = cancelRows(comparison.cancels, PAGE_SCREEN);
  const cancelHeadings = ["", "the writer", "the reader's loop", "unhandled errors", "bytes lost"];
  return [
    ...(comparison.stalls.length === 0
      ? []
      : [page.fold(shapes.stall.title, stalledTable(page, comparison))]),
    ...(rows.length === 0 ? [] : [page.fold("Behaviour", page.table("Behaviour", headings, rows))]),
    ...(cancels.length === 0
      ? []
      : [page.fold(shapes.cancel.title, page.table(shapes.cancel.title, cancelHeadings, cancels))]),
  ];
}

function differenceFold(page: Page, changes: readonly Difference[]): Element {
  const headings = ["", "old", "new", "change", "interval", "verdict"];
  const works = [...new Set(changes.map(({ work }) => work))];
  const tables = works.map((work) => {
    const here = changes.filter((one) => one.work === work);
    return page.table(work + driftInWords(here), headings, differenceRows(here, PAGE_SCREEN));
  });
  return page.fold("Against an earlier run", page.element("p", {}, differenceSummary(changes)), ...tables);
}
