/** The element with this id and of this class. */
export function element<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} #${id}`);
}

/** An element with the given children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

/** A button with an action. */
export function button(label: string, action: () => void): HTMLButtonElement {
  const made = make("button", label);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

/** Code in a box, with a button that copies it. */
export function code(text: string): HTMLElement {
  const program = make("pre", make("code", text));
  // The code is wider than a small screen, and must be scrollable with the keyboard too.
  program.tabIndex = 0;
  const copy = button("Copy", () => {
    void navigator.clipboard.writeText(text).then(
      () => answer("Copied"),
      () => answer("Select it"),
    );
  });
  const answer = (words: string): void => {
    copy.textContent = words;
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  };
  const box = make("div", program, copy);
  box.className = "code";
  return box;
}

/** Whether the visitor prefers reduced motion. */
export function reducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
