import { advise } from "../src/pick/advice.ts";
import { type Answers, questions } from "../src/pick/questions.ts";
import { make } from "./elements.ts";

/** The questions as a form, and what follows from the answers behind it. */
export function showQuestions(form: HTMLFormElement, advice: HTMLElement): void {
  for (const { name, ask, choices } of questions) {
    const select = document.createElement("select");
    select.name = name;
    for (const { value, label } of choices) select.append(new Option(label, value));
    form.append(make("label", `${ask} `, select));
  }
  const answer = (): void => {
    const given = Object.fromEntries(new FormData(form)) as unknown as Answers;
    const { title, why, code, unless } = advise(given);
    advice.replaceChildren(
      make("h3", title),
      make("p", why),
      make("pre", make("code", code)),
      make("ul", ...unless.map((sentence) => make("li", sentence))),
    );
  };
  form.addEventListener("change", answer);
  answer();
}
