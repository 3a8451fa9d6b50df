import { readFileSync } from "node:fs";
import { marked as markdown } from "marked";
import { type Element, type Page, PAGE_SCREEN } from "./page.ts";

/** The root README, in which `npm run conformance:table` keeps what the conformance suite has measured. */
const README = new URL("../../../../README.md", import.meta.url);
const SECTION = /<!-- conformance table: begin -->(.*)<!-- conformance table: end -->/s;

/** What is guaranteed by the pipe and by others, as the conformance suite has measured it; nothing where no table was kept. */
export function featureTables(page: Page): Element[] {
  const [, section] = SECTION.exec(readFileSync(README, "utf8")) ?? [];
  if (section === undefined) return [];
  // Links lead from the README to its neighbours, which the report has not.
  const text = section.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  const tokens = markdown.lexer(text);
  return tokens.flatMap((token) => {
    if (token.type === "paragraph") return page.sentence("p", token.text as string);
    if (token.type !== "table") return [];
    const { header, rows } = token as unknown as Table;
    const [title = "", ...headings] = header.map(({ text: cell }) => plain(cell));
    const cells = rows.map((row) => row.map(({ text: cell }) => marked(plain(cell))));
    const table = page.table(title[0]?.toUpperCase() + title.slice(1), ["", ...headings], cells);
    return page.element("div", { class: "guarantees" }, table);
  });
}

interface Table {
  readonly header: readonly { readonly text: string }[];
  readonly rows: readonly (readonly { readonly text: string }[])[];
}

function plain(text: string): string {
  return text.replaceAll("`", "");
}

/** What holds is seen at a glance. */
function marked(cell: string): string {
  return cell === "yes" ? PAGE_SCREEN.paint("green", cell) : cell;
}
