import { parseHTML } from "linkedom";

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

  /** A table whose first column names its rows; it can be scrolled. */
  table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): Element {
    const head = this.element(
      "tr",
      {},
      ...headings.map((heading) =>
        heading === "" ? this.element("td") : this.element("th", { scope: "col" }, heading),
      ),
    );
    const body = rows.map(([name = "", ...cells]) =>
      this.element(
        "tr",
        {},
        this.element("th", { scope: "row" }, name),
        ...cells.map((cell) => this.element("td", {}, cell)),
      ),
    );
    const table = this.element(
      "table",
      {},
      this.element("caption", {}, caption),
      this.element("thead", {}, head),
      this.element("tbody", {}, ...body),
    );
    return this.scrolling(caption, table);
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
