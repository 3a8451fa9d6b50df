import { type Advice, advise } from "../pick/advice.ts";
import { type Answers, questions } from "../pick/questions.ts";
import type { Element, Page } from "./page.ts";

/** "Which one for me", for every pair of what one has and needs. `npm start -- pick` asks for the rest, and measures. */
export function guide(page: Page): Element[] {
  const [have, need] = questions;
  const sources = have?.choices ?? [];
  const sinks = need?.choices ?? [];
  return [
    page.sentence(
      "p",
      "Find what you have, then what you need. `npm start -- pick` asks for more, and measures what it advises.",
    ),
    ...sources.map((source) =>
      page.element(
        "details",
        {},
        page.element("summary", {}, page.element("strong", {}, source.label), `: ${source.hint ?? ""}`),
        ...sinks.map((sink) => {
          const answers = { have: source.value, need: sink.value, chunk: "512", reader: "slow" };
          return choice(page, sink.label, advise(answers as Answers));
        }),
      ),
    ),
  ];
}

function choice(page: Page, label: string, { title, why, code, unless }: Advice): Element {
  return page.element(
    "details",
    { class: "choice" },
    page.element("summary", {}, `→ ${label}`),
    page.element("p", {}, page.element("strong", {}, title), `. ${why}`),
    page.element("pre", { tabindex: "0" }, page.element("code", {}, code)),
    page.element("ul", {}, ...unless.map((sentence) => page.element("li", {}, sentence))),
  );
}
