import { parseHTML } from "linkedom";
import type { Screen } from "./screen.ts";

/** What of an element is used: the platform's own types are not those of this app. */
export interface Element {
  readonly outerHTML: string;
  textContent: string;
  append(...children: (Element | string)[]): void;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<Element>;
}

export interface Document {
  readonly documentElement: Element;
  readonly head: Element;
  readonly body: Element;
  createElement(name: string): Element;
}

/** The classes of what stands out, by the colour that it has in a terminal. */
const MARKS = { green: "good", yellow: "noise", red: "bad", dim: "", bold: "" } as const;

/** No text begins with this. */
const MARK = "\u0000";

/** Where rows are made for tables of a page: a cell begins with its mark. */
export const PAGE_SCREEN: Screen = {
  width: Number.POSITIVE_INFINITY,
  paint: (colour, text) => (MARKS[colour] === "" ? text : [MARK, MARKS[colour], MARK, text].join("")),
};

function unmarked(cell: string): { readonly text: string; readonly mark?: string } {
  const [text = "", mark, rest] = cell.split(MARK);
  return mark === undefined ? { text } : { text: rest ?? "", mark };
}

/** An HTML document that is written without a browser. Text is set as text, so that nothing needs to be escaped. */
export class Page {
  readonly document: Document;

  constructor(title: string, style: string) {
    const html = '<!doctype html><html lang="en"><head></head><body></body></html>';
    this.document = (parseHTML(html) as unknown as { document: Document }).document;
    const { head } = this.document;
    head.append(
      this.element("meta", { charset: "utf-8" }),
      this.element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      this.element("title", {}, title),
      this.element("style", {}, style),
    );
  }

  element(
    name: string,
    attributes: Readonly<Record<string, string>> = {},
    ...children: (Element | string)[]
  ): Element {
    const element = this.document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /** A table whose first column names its rows; it can be scrolled. Figures stand to the right, words to the left. */
  table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): Element {
    const isText = headings.map((_, column) => {
      const figures = rows.filter((row) => /^[\d~–]|^$/.test(unmarked(row[column] ?? "").text));
      return figures.length * 2 < rows.length;
    });
    const attributes = (column: number, more: Readonly<Record<string, string>> = {}) => {
      const names = [isText[column] ? "text" : undefined, more["class"]].filter((name) => name !== undefined);
      return { ...more, ...(names.length === 0 ? {} : { class: names.join(" ") }) };
    };
    const head = headings.map((heading, column) =>
      heading === "" ? this.element("td") : this.element("th", attributes(column, { scope: "col" }), heading),
    );
    const body = rows.map(([name = "", ...cells]) =>
      this.element(
        "tr",
        {},
        this.element("th", { scope: "row" }, unmarked(name).text),
        ...cells.map((cell, index) => {
          const { text, mark } = unmarked(cell);
          return this.element("td", attributes(index + 1, mark === undefined ? {} : { class: mark }), text);
        }),
      ),
    );
    const table = this.element(
      "table",
      {},
      this.element("caption", {}, caption),
      this.element("thead", {}, this.element("tr", {}, ...head)),
      this.element("tbody", {}, ...body),
    );
    return this.scrolling(caption, table);
  }

  /** An element that contains a sentence, in which \`code\` is marked as such. */
  sentence(name: string, text: string): Element {
    const parts = text.split("`").map((part, index) => {
      return index % 2 === 1 ? this.element("code", {}, part) : part;
    });
    return this.element(name, {}, ...parts);
  }

  /** What may be wider than the screen: it can be scrolled, also with the keyboard. */
  scrolling(label: string, content: Element): Element {
    return this.element(
      "div",
      { class: "scrolls", role: "group", "aria-label": label, tabindex: "0" },
      content,
    );
  }

  toString(): string {
    return `<!doctype html>\n${this.document.documentElement.outerHTML}\n`;
  }
}
