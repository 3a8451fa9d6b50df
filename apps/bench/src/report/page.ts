import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseHTML } from "linkedom";
import { type Document, type Element, made } from "./dom.ts";
import type { Screen } from "./screen.ts";

export type { Element } from "./dom.ts";

interface WholeDocument extends Document {
  readonly documentElement: Element;
  readonly head: Element;
  readonly body: Element;
}

/** The classes of emphasised text, by its colour in a terminal. */
const MARKS = { green: "good", yellow: "noise", red: "bad", dim: "", bold: "" } as const;

/** A character that begins no text. */
const MARK = "\u0000";

/** For rows of tables of a page: a cell begins with its mark. */
export const PAGE_SCREEN: Screen = {
  width: Number.POSITIVE_INFINITY,
  paint: (colour, text) => (MARKS[colour] === "" ? text : [MARK, MARKS[colour], MARK, text].join("")),
};

function unmarked(cell: string): { readonly text: string; readonly mark?: string } {
  const [text = "", mark, rest] = cell.split(MARK);
  return mark === undefined ? { text } : { text: rest ?? "", mark };
}

/** The styles that the report shares with the page, and its own. */
const SHEETS = ["theme", "plot", "report"].map((name) => new URL(`../../page/${name}.css`, import.meta.url));

/** Fonts are part of the file, so that it looks the same without a network. */
const FONTS = [
  ["Inter Variable", "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"],
  [
    "JetBrains Mono Variable",
    "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
  ],
] as const;

function style(): string {
  const { resolve } = createRequire(import.meta.url);
  const faces = FONTS.map(([family, path]) => {
    const data = readFileSync(resolve(path)).toString("base64");
    return `@font-face { font-family: "${family}"; font-weight: 100 900; src: url(data:font/woff2;base64,${data}) format("woff2"); }`;
  });
  return [...faces, ...SHEETS.map((sheet) => readFileSync(sheet, "utf8"))].join("\n");
}

/** An HTML document that is written without a browser. */
export class Page {
  readonly document: WholeDocument;

  constructor(title: string) {
    const html = '<!doctype html><html lang="en"><head></head><body></body></html>';
    this.document = (parseHTML(html) as unknown as { document: WholeDocument }).document;
    this.document.head.append(
      this.element("meta", { charset: "utf-8" }),
      this.element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      this.element("title", {}, title),
      this.element("style", {}, style()),
    );
  }

  element(
    name: string,
    attributes: Readonly<Record<string, string>> = {},
    ...children: (Element | string)[]
  ): Element {
    return made(this.document, name, attributes, ...children);
  }

  /**
   * A table whose first column names its rows. Figures are aligned to the right, words to the left. On a small screen, rows
   * become cards: each cell shows the heading of its column, and roles keep it a table for screen readers.
   */
  table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): Element {
    const isText = headings.map((_, column) => {
      const texts = rows.map((row) => unmarked(row[column] ?? "").text).filter((text) => text !== "");
      return texts.filter((text) => /^[\d–±∞]|^(as fast|unclear)/.test(text)).length * 2 < texts.length;
    });
    const head = headings.map((heading, column) =>
      heading === ""
        ? this.element("td", { role: "cell" })
        : this.element(
            "th",
            { scope: "col", role: "columnheader", ...(isText[column] ? { class: "text" } : {}) },
            heading,
          ),
    );
    const body = rows.map(([name = "", ...cells]) =>
      this.element(
        "tr",
        { role: "row" },
        this.#rowHeading(unmarked(name).text),
        ...cells.map((cell, index) => {
          const { text, mark } = unmarked(cell);
          const names = [isText[index + 1] ? "text" : undefined, mark].filter((one) => one !== undefined);
          return this.element(
            "td",
            {
              role: "cell",
              "data-label": headings[index + 1] ?? "",
              ...(names.length > 0 && { class: names.join(" ") }),
            },
            text,
          );
        }),
      ),
    );
    return this.element(
      "table",
      { role: "table" },
      this.element("caption", {}, caption),
      this.element("thead", { role: "rowgroup" }, this.element("tr", { role: "row" }, ...head)),
      this.element("tbody", { role: "rowgroup" }, ...body),
    );
  }

  /** Rows of pipe512 are marked in every table. */
  #rowHeading(name: string): Element {
    const isOurs = name.startsWith("●");
    return this.element(
      "th",
      { scope: "row", role: "rowheader", ...(isOurs && { class: "ours" }) },
      name.trim(),
    );
  }

  /** An element that contains a sentence, in which \`code\` is marked as such. */
  sentence(name: string, text: string, attributes: Readonly<Record<string, string>> = {}): Element {
    const parts = text.split("`").map((part, index) => {
      return index % 2 === 1 ? this.element("code", {}, part) : part;
    });
    return this.element(name, attributes, ...parts);
  }

  /** A section that is folded until the user opens it. In print it is open. */
  fold(title: string, ...content: readonly Element[]): Element {
    return this.element(
      "details",
      { class: "fold" },
      this.element("summary", {}, this.element("h3", {}, title)),
      ...content,
    );
  }

  toString(): string {
    return `<!doctype html>\n${this.document.documentElement.outerHTML}\n`;
  }
}
