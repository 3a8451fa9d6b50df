/** The members of an element that are used. The elements of a browser and of a document without a browser have them. */
export interface Element {
  readonly outerHTML: string;
  textContent: string | null;
  append(...children: (Element | string)[]): void;
  setAttribute(name: string, value: string): void;
}

export interface Document {
  createElement(name: string): Element;
  createElementNS(namespace: string, name: string): Element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element with its attributes and children. Text is set as text, so that nothing needs to be escaped. */
export function made(
  document: Document,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Element | string)[]
): Element {
  return filled(document.createElement(name), attributes, children);
}

/** The same for an element of a drawing. */
export function drawn(
  document: Document,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Element[]
): Element {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(
  element: Element,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Element | string)[],
): Element {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
