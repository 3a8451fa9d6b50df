import { advise, costsInWords } from "../src/pick/advice.ts";
import { type Answers, questions } from "../src/pick/questions.ts";
import { CHUNK_SIZES_BYTES, type Row } from "./comparison.ts";
import { make } from "./elements.ts";

/**
 * Shows the questions as a form, and behind it what follows from the answers.
 *
 * @returns What takes the costs that were measured here, once they are known.
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
    const { title, why, code, unless } = advised;
    const chunkBytes = Number(given.chunk);
    const column = CHUNK_SIZES_BYTES.findIndex((bytes) => bytes === chunkBytes);
    const costs = costsInWords(advised, chunkBytes, (name) => {
      const cost = measured.find(({ contender }) => contender === name)?.nsPerChunk[column];
      return typeof cost === "number" ? cost : undefined;
    });
    const program = make("pre", make("code", code));
    // It is wider than a small screen, and must be scrolled with the keyboard too.
    program.tabIndex = 0;
    advice.replaceChildren(
      make("h3", title),
      make("p", why),
      program,
      ...(costs === undefined ? [] : [make("p", costs)]),
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
