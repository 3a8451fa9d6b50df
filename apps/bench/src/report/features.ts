import { readFileSync } from "node:fs";
import { marked as markdown } from "marked";
import { type Element, type Page, PAGE_SCREEN } from "./page.ts";

/** The root README, which contains the results of the conformance suite. */
const README = new URL("../../../../README.md", import.meta.url);
const SECTION = /<!-- conformance table: begin -->(.*)<!-- conformance table: end -->/s;

/** The guarantees of the pipe and of others, as measured by the conformance suite; empty if no table was kept. */
export function featureTables(page: Page): Element[] {
  const [, section] = SECTION.exec(readFileSync(README, "utf8")) ?? [];
  if (section === undefined) return [];
  // Links lead from the README to files beside it, which the report does not have.
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

/** Marks the cells of guarantees that hold. */
function marked(cell: string): string {
  return cell === "yes" ? PAGE_SCREEN.paint("green", cell) : cell;
}
