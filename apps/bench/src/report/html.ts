import type { Comparison } from "../runner/comparison.ts";
import { type ShapeName, shapes } from "../scenarios/shapes.ts";
import { bars, COLOURS, growth, stalledMemory } from "./charts.ts";
import { behaviour, cancelRows, failures, legend, roundedRows } from "./comparison-report.ts";
import { type Difference, differenceRows, differenceSummary, driftInWords } from "./difference.ts";
import { featureTables } from "./features.ts";
import { FINDINGS_LEGEND, findingHeadings, findingRow, findingsOf } from "./findings.ts";
import { count, size } from "./format.ts";
import { guide } from "./guide.ts";
import type { Run } from "./json.ts";
import { machine, versions } from "./machine.ts";
import { type Element, Page, PAGE_SCREEN } from "./page.ts";
import { titleOf } from "../runner/runtimes.ts";
import { costStandings, type Standings, standings } from "./standings.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  html { background: light-dark(#fff, #16181c); color: light-dark(#1b1b1b, #e6e6e6); }
  body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
  svg { max-width: 100%; height: auto; }
  figure { margin: 1rem 0; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
  caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
  h2 + .scrolls caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
  th, td { white-space: nowrap; }
  th.text, td.text, tbody th { white-space: normal; min-width: 6.5rem; }
  .guarantees tbody th { min-width: 14rem; }
  ul { padding-left: 1.3rem; }
  th, td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; border-bottom: 1px solid light-dark(#d6d6d6, #3f434a); }
  th.text, td.text, th:first-child { text-align: left; }
  th:first-child { font-weight: normal; }
  th, td { vertical-align: baseline; }
  tr > :last-child { padding-right: 0; }
  .good, .bad, .noise { font-weight: 600; }
  .good { color: light-dark(#176b2c, #7bd88f); }
  .bad { color: light-dark(#a8201a, #ff9c94); }
  .noise { color: light-dark(#7a5200, #e8c268); }
  .key { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; list-style: none; padding: 0; margin: 0; font-size: 0.9rem; }
  .key li::before { content: ""; display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; background: var(--colour); }
  code { font-size: 0.9em; }
  nav ul { columns: 2 16rem; }
  details { margin: 0.4rem 0; }
  details.choice { margin-left: 1.2rem; }
  pre { overflow-x: auto; padding: 0.6rem; background: color-mix(in srgb, currentColor 8%, transparent); }
  .scrolls { overflow-x: auto; }
  a { color: light-dark(#0b57d0, #8ab4f8); }
  :focus-visible { outline: 3px solid light-dark(#0b57d0, #8ab4f8); outline-offset: 2px; }
  @media print {
    nav, details.choice { display: none; }
    details::details-content { content-visibility: visible; display: block; }
    figure, tr { break-inside: avoid; }
    :root { font-size: 11px; }
    .scrolls { overflow: visible; }
  }
`;

/** The whole comparison as one file that needs no network and no script. Every chart has its numbers in a table below. */
export function comparisonHtml(run: Run, comparison: Comparison, changes?: readonly Difference[]): string {
  const page = new Page("pipe512: which pipe should I pick?", STYLE);
  const features = featureTables(page);
  const answer = findingsSection(page, comparison);
  const sections = [
    ...answer,
    { title: "Which one for me?", content: guide(page, standings(comparison.transfers)) },
    ...speedSections(page, comparison),
    ...costSections(page, comparison),
    ...behaviourSections(page, comparison),
    ...(features.length === 0 ? [] : [{ title: "What is guaranteed", content: features }]),
    ...(changes === undefined ? [] : [differenceSection(page, changes)]),
  ];
  const links = sections.map(({ title }, index) =>
    page.element("li", {}, page.element("a", { href: `#s${index}` }, title)),
  );
  const nav = page.element("nav", { "aria-label": "Sections" }, page.element("ul", {}, ...links));
  const shown = sections.map(({ title, content }, index) =>
    page.element("section", { id: `s${index}` }, page.element("h2", {}, title), ...content),
  );
  // The answer comes first, then the ways to its reasons.
  shown.splice(answer.length, 0, nav);
  const main = page.element("main", {}, ...shown);
  main.append(
    ...failures(comparison).map((failure) => page.element("p", { class: "bad" }, failure)),
    page.element("h2", {}, "How to read this"),
    page.element("ul", {}, ...legend(comparison).map((line) => page.sentence("li", line))),
  );
  page.document.body.append(
    page.element(
      "header",
      {},
      page.element("h1", {}, "Which pipe should I pick, on this machine?"),
      ...about(page, run),
    ),
    main,
  );
  return page.toString();
}

interface Section {
  readonly title: string;
  readonly content: readonly Element[];
}

/** The answer to the question above it. */
function findingsSection(page: Page, comparison: Comparison): Section[] {
  const findings = findingsOf(comparison);
  if (findings.rows.length === 0) return [];
  const [use = "", ...headings] = findingHeadings(findings);
  const rows = findings.rows.map((finding) => findingRow(finding, PAGE_SCREEN));
  const table = page.table("Time of ours over that of what people use instead", [use, ...headings], rows);
  const remarks = [FINDINGS_LEGEND, ...findings.remarks].map((remark) => page.sentence("li", remark));
  return [{ title: "In short", content: [table, page.element("ul", {}, ...remarks)] }];
}

function differenceSection(page: Page, changes: readonly Difference[]): Section {
  const headings = ["", "old", "new", "new/old", "spread", "verdict"];
  const works = [...new Set(changes.map(({ work }) => work))];
  const tables = works.map((work) => {
    const here = changes.filter((one) => one.work === work);
    return page.table(work + driftInWords(here), headings, differenceRows(here, PAGE_SCREEN));
  });
  const summary = page.element("p", {}, differenceSummary(changes));
  return { title: "Against an earlier run", content: [summary, ...tables] };
}

function about(page: Page, run: Run): Element[] {
  const { cpu, cpuCount, platform, arch } = machine();
  const { go, core } = versions(run.runtimes);
  const title = titleOf(run.runtimes);
  const runtimes = go === null ? title : `${title}, ${go}`;
  return [
    page.element("p", {}, `${cpuCount} × ${cpu}, ${platform} ${arch}; ${runtimes}; @pipe512/core ${core}.`),
    page.element("p", {}, `A file of ${count(run.input.bytes)} bytes, ${when(run.startedAt)}.`),
    ...(run.interrupted ? [page.element("p", {}, "Interrupted: this is what was measured until then.")] : []),
  ];
}

/** To the minute: `2026-11-28 12:36 UTC`. */
function when(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What the colours of the charts mean. */
function key(page: Page): Element {
  const meanings = ["ours", "what people use instead (peer)", "baseline, floor"];
  const items = meanings.map((meaning, index) =>
    page.element("li", { style: `--colour: ${COLOURS.range[index]}` }, meaning),
  );
  return page.element("ul", { class: "key" }, ...items);
}

function speedSections(page: Page, { transfers }: Comparison): Section[] {
  const all = standings(transfers);
  if (all.length === 0) return [];
  const each = all.map((one) => {
    return chartSection(page, `Chunks of ${size(one.chunkBytes)}`, one, "ns/chunk");
  });
  if (all.length < 2) return each;
  const chart = figure(page, growth(page.document, all), "Time for a chunk against its size");
  return [{ title: "Time against bytes", content: [key(page), chart] }, ...each];
}

function costSections(page: Page, { costs }: Comparison): Section[] {
  return costStandings(costs).map((one) => {
    const { title, cost } = shapes[one.scenario];
    return chartSection(page, title, one, cost.unit);
  });
}

function chartSection(page: Page, title: string, one: Standings, unit: string): Section {
  const against = one.fastestPeer === undefined ? "no peer" : `ratio to ${one.fastestPeer}`;
  const headings = ["", unit, "MB/s", against, "spread", "most bytes held"];
  const rows = roundedRows(one, PAGE_SCREEN);
  const isEmpty = (index: number) => rows.every((row) => (row[index] ?? "") === "");
  const kept = headings.map((_, index) => index).filter((index) => index === 0 || !isEmpty(index));
  const table = page.table(
    title,
    kept.map((index) => headings[index] ?? ""),
    rows.map((row) => kept.map((index) => row[index] ?? "")),
  );
  const details = page.element("details", {}, page.element("summary", {}, "The numbers"), table);
  const measured = one.rows.some(({ nsPerChunk }) => nsPerChunk !== undefined);
  if (!measured) return { title, content: [table] };
  const chart = figure(
    page,
    bars(page.document, one, unit, title),
    `${title}: the numbers are in the table below`,
  );
  return { title, content: [key(page), chart, details] };
}

const STALLED =
  "Bytes held while the reader stalls, against the size of a chunk: the pipe itself stays at 512";

/** A chart is one picture with one name: its parts have none of their own. */
function figure(page: Page, chart: Element, label: string): Element {
  for (const part of chart.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", label);
  return page.element("figure", {}, page.scrolling(label, chart));
}

/** The numbers of the chart, and of those that know no limit. */
function stalledTable(page: Page, { stalls }: Comparison): Element {
  const measured = stalls.filter(({ failure, samples }) => failure === undefined && samples.length > 0);
  const sizes = measured[0]?.samples[0]?.accepted.map(({ chunkBytes }) => size(chunkBytes)) ?? [];
  const rows = measured.map(({ contender, samples }) => [
    contender,
    ...(samples[0]?.accepted ?? []).map(({ acceptedBytes, bounded }) =>
      bounded ? count(acceptedBytes) : "no limit",
    ),
  ]);
  const headings = ["", ...sizes.map((bytes) => `chunks of ${bytes}`)];
  const table = page.table("Bytes held while the reader stalls", headings, rows);
  return page.element("details", {}, page.element("summary", {}, "The numbers"), table);
}

function behaviourSections(page: Page, comparison: Comparison): Section[] {
  const sections: Section[] = [];
  const add = (name: ShapeName, ...content: Element[]) =>
    sections.push({ title: shapes[name].title, content });
  if (comparison.stalls.length > 0)
    add(
      "stall",
      figure(page, stalledMemory(page.document, comparison.stalls), STALLED),
      stalledTable(page, comparison),
    );
  const { headings: aspects, rows } = behaviour(comparison, PAGE_SCREEN);
  if (rows.length > 0)
    sections.push({ title: "Behaviour", content: [page.table("Behaviour", aspects, rows)] });
  const cancels = cancelRows(comparison.cancels, PAGE_SCREEN);
  if (cancels.length > 0) {
    const headings = ["", "the writer", "the reader's loop", "unhandled errors", "bytes lost"];
    add("cancel", page.table(shapes.cancel.title, headings, cancels));
  }
  return sections;
}
