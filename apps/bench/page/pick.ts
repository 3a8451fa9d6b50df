import { advise, costsInWords } from "../src/pick/advice.ts";
import { type Answers, questions } from "../src/pick/questions.ts";
import { CHUNK_SIZES_BYTES, type Row } from "./comparison.ts";
import { code, make } from "./elements.ts";

/**
 * Shows the questions as a form, and the advice below it.
 *
 * @returns A function that takes the costs measured here, once they are known.
 */
export function showQuestions(form: HTMLFormElement, advice: HTMLElement): (rows: readonly Row[]) => void {
  let measured: readonly Row[] = [];
  for (const { name, ask, choices } of questions) {
    const select = document.createElement("select");
    select.name = name;
    for (const { value, label } of choices) select.append(new Option(label, value));
    form.append(make("label", `${ask} `, select));
  }
  const answer = (): void => {
    const given = Object.fromEntries(new FormData(form)) as unknown as Answers;
    const advised = advise(given);
    const { title, why, install, yours, code: program, unless } = advised;
    const chunkBytes = Number(given.chunk);
    const column = CHUNK_SIZES_BYTES.findIndex((bytes) => bytes === chunkBytes);
    const costs = costsInWords(advised, chunkBytes, (name) => {
      const cost = measured.find(({ implementation }) => implementation === name)?.nsPerChunk[column];
      return cost === undefined || cost instanceof Error ? undefined : cost.median;
    });
    advice.replaceChildren(
      make("h3", title),
      make("p", why),
      code(install),
      code(program),
      ...(yours === "" ? [] : [make("p", yours.replaceAll("`", ""))]),
      ...(costs === undefined ? [] : [make("p", costs)]),
      ...(unless.length === 0 ? [] : [make("h4", "When something else is better")]),
      make("ul", ...unless.map((sentence) => make("li", sentence))),
    );
  };
  form.addEventListener("change", answer);
  answer();
  return (rows) => {
    measured = rows;
    answer();
  };
}
