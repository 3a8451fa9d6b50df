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
    const program = make("pre", make("code", code));
    // It is wider than a small screen, and must be scrolled with the keyboard too.
    program.tabIndex = 0;
    advice.replaceChildren(
      make("h3", title),
      make("p", why),
      program,
      make("ul", ...unless.map((sentence) => make("li", sentence))),
    );
  };
  form.addEventListener("change", answer);
  answer();
}
