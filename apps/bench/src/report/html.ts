import type { Comparison } from "../runner/comparison.ts";
import { type ShapeName, shapes } from "../scenarios/shapes.ts";
import { bars, growth, stalledMemory } from "./charts.ts";
import { behaviourRows, cancelRows, failures, LEGEND, roundedRows } from "./comparison-report.ts";
import { count, size } from "./format.ts";
import type { Run } from "./json.ts";
import { machine, versions } from "./machine.ts";
import { type Element, Page } from "./page.ts";
import { PLAIN } from "./screen.ts";
import { costStandings, type Standings, standings } from "./standings.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  svg { max-width: 100%; height: auto; }
  figure { margin: 1rem 0; overflow-x: auto; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
  caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
  th, td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  th:first-child { text-align: left; font-weight: normal; }
  nav ul { columns: 2; }
  @media print { details { display: block; } section { break-inside: avoid; } }
`;

/** The whole comparison as one file that needs no network and no script. Every chart has its numbers in a table below. */
export function comparisonHtml(run: Run, comparison: Comparison): string {
  const page = new Page("pipe512: which pipe should I pick?", STYLE);
  const sections = [
    ...speedSections(page, comparison),
    ...costSections(page, comparison),
    ...behaviourSections(page, comparison),
  ];
  const links = sections.map(({ title }, index) =>
    page.element("li", {}, page.element("a", { href: `#s${index}` }, title)),
  );
  const main = page.element("main");
  for (const [index, { title, content }] of sections.entries())
    main.append(page.element("section", { id: `s${index}` }, page.element("h2", {}, title), ...content));
  page.document.body.append(
    page.element("h1", {}, "Which pipe should I pick, on this machine?"),
    ...about(page, run),
    page.element("nav", { "aria-label": "Sections" }, page.element("ul", {}, ...links)),
    main,
    ...failures(comparison).map((failure) => page.element("p", {}, failure)),
    page.element("h2", {}, "How to read this"),
    page.element("ul", {}, ...LEGEND.map((line) => page.element("li", {}, line))),
  );
  return page.toString();
}

interface Section {
  readonly title: string;
  readonly content: readonly Element[];
}

function about(page: Page, run: Run): Element[] {
  const { cpu, cpuCount, platform, arch } = machine();
  const { node, go, core } = versions(run.runtimes);
  const runtimes = go === null ? `Node ${node}` : `Node ${node}, ${go}`;
  return [
    page.element("p", {}, `${cpuCount} × ${cpu}, ${platform} ${arch}; ${runtimes}; @pipe512/core ${core}.`),
    page.element("p", {}, `A file of ${count(run.input.bytes)} bytes, ${run.startedAt.toISOString()}.`),
    ...(run.interrupted ? [page.element("p", {}, "Interrupted: this is what was measured until then.")] : []),
  ];
}

function speedSections(page: Page, { transfers }: Comparison): Section[] {
  const all = standings(transfers);
  if (all.length === 0) return [];
  const each = all.map((one) => {
    return chartSection(page, `Chunks of ${size(one.chunkBytes)}`, one, "ns/chunk");
  });
  if (all.length < 2) return each;
  const chart = page.element("figure", {}, growth(page.document, all));
  return [{ title: "Time against bytes", content: [chart] }, ...each];
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
  const rows = roundedRows(one, PLAIN);
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
  const chart = page.element("figure", {}, bars(page.document, one, unit, title));
  return { title, content: [chart, details] };
}

function behaviourSections(page: Page, comparison: Comparison): Section[] {
  const sections: Section[] = [];
  const add = (name: ShapeName, ...content: Element[]) =>
    sections.push({ title: shapes[name].title, content });
  if (comparison.stalls.length > 0)
    add("stall", page.element("figure", {}, stalledMemory(page.document, comparison.stalls)));
  const behaviour = behaviourRows(comparison, PLAIN);
  if (behaviour.length > 0) {
    const headings = ["", "bytes held", "10 ms timer", "SHA-256"];
    sections.push({ title: "Behaviour", content: [page.table("Behaviour", headings, behaviour)] });
  }
  const cancels = cancelRows(comparison.cancels, PLAIN);
  if (cancels.length > 0) {
    const headings = ["", "the writer", "the reader's loop", "unhandled errors", "bytes lost"];
    add("cancel", page.table(shapes.cancel.title, headings, cancels));
  }
  return sections;
}
