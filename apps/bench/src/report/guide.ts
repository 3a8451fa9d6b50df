import { type Advice, advise, costsInWords } from "../pick/advice.ts";
import { type Answers, questions } from "../pick/questions.ts";
import type { Element, Page } from "./page.ts";
import type { Standings } from "./standings.ts";

const CHUNK_BYTES = 512;

/**
 * "Which one for me", for every pair of answers to what the user has and needs, with the cost here. `npm start -- pick`
 * asks the other questions, and measures the result.
 */
export function guide(page: Page, standings: readonly Standings[]): Element[] {
  const [have, need] = questions;
  const measured = standings.find(({ chunkBytes }) => chunkBytes === CHUNK_BYTES)?.rows ?? [];
  const nsPerChunk = (name: string) =>
    measured.find(({ implementation }) => implementation === name)?.nsPerChunk;
  const sources = have?.choices ?? [];
  const sinks = need?.choices ?? [];
  return [
    page.sentence(
      "p",
      "Find what you have, then what you need. `npm start -- pick` asks more questions, and measures its advice.",
    ),
    ...sources.map((source) =>
      page.element(
        "details",
        { class: "fold" },
        page.element(
          "summary",
          {},
          page.element("h3", {}, source.label),
          ...(source.hint === undefined ? [] : [page.element("small", {}, source.hint)]),
        ),
        ...sinks.map((sink) => {
          const chunk = String(CHUNK_BYTES);
          const advice = advise({ have: source.value, need: sink.value, chunk, reader: "fast" } as Answers);
          return choice(page, sink.label, advice, costsInWords(advice, CHUNK_BYTES, nsPerChunk));
        }),
      ),
    ),
  ];
}

function choice(
  page: Page,
  label: string,
  { title, why, install, yours, code, unless }: Advice,
  costs: string | undefined,
): Element {
  return page.element(
    "details",
    { class: "choice" },
    page.element("summary", {}, `→ ${label}`),
    page.element("p", {}, page.element("strong", {}, title), `. ${why}`),
    page.element("pre", { tabindex: "0" }, page.element("code", {}, `${install}\n\n${code}`)),
    ...(yours === "" ? [] : [page.sentence("p", yours)]),
    ...(costs === undefined ? [] : [page.element("p", {}, costs)]),
    page.element("ul", {}, ...unless.map((sentence) => page.element("li", {}, sentence))),
  );
}
