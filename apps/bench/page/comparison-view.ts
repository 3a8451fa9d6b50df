import { dots } from "../src/report/dots.ts";
import { measured, plusMinus, size } from "../src/report/format.ts";
import { implementation as implementationOf, titleOf } from "../src/subjects/implementations.ts";
import { GROUPS, groupOf } from "../src/subjects/groups.ts";
import { CHUNK_SIZES_BYTES, compareHere, type Row } from "./comparison.ts";
import { button, element, make } from "./elements.ts";

/**
 * Makes a button measure, and shows the results.
 *
 * @param before Called before the measurement. The function that it returns is called afterwards.
 * @param done Receives the results.
 */
export function showComparison(before: () => () => void, done: (rows: readonly Row[]) => void): void {
  const measure = element("measure", HTMLButtonElement);
  const progress = element("progress", HTMLProgressElement);
  const words = element("measuring", HTMLOutputElement);
  const quick = element("quick", HTMLInputElement);
  const run = async (): Promise<void> => {
    const after = before();
    measure.disabled = true;
    progress.hidden = false;
    try {
      const rows = await compareHere(quick.checked, (part, what) => {
        progress.value = part;
        words.value = `${Math.round(100 * part)} %: ${what}`;
      });
      showRows(rows, 1);
      done(rows);
      words.value = "";
    } catch (error) {
      words.value = String(error);
    } finally {
      measure.disabled = false;
      progress.hidden = true;
      after();
    }
  };
  measure.addEventListener("click", () => void run());
}

/** The costs of chunks of one size as a picture, with those of all sizes in a table. */
function showRows(rows: readonly Row[], column: number): void {
  const sizes = make(
    "div",
    ...CHUNK_SIZES_BYTES.map((bytes, index) => {
      const made = button(size(bytes), () => showRows(rows, index));
      made.ariaPressed = String(index === column);
      return made;
    }),
  );
  sizes.className = "sizes";
  sizes.setAttribute("role", "group");
  sizes.ariaLabel = "Size of a chunk";
  const picture = dots(document, {
    title: `Nanoseconds for a chunk of ${size(CHUNK_SIZES_BYTES[column] ?? 0)} on a logarithmic axis: the further to the left, the faster. The bar behind a dot is the range of all rounds.`,
    unit: "nanoseconds",
    groups: GROUPS,
    rows: rows.flatMap(({ implementation, nsPerChunk }) => {
      const cost = nsPerChunk[column];
      if (cost === undefined || cost instanceof Error) return [];
      return [
        { name: titleOf(implementation), group: groupOf(implementation), cost: cost.median, spread: cost },
      ];
    }),
  }) as unknown as HTMLElement;
  const numbers = make("details", make("summary", "The numbers"), table(rows));
  const shown = element("results", HTMLDivElement);
  const wasOpen = shown.querySelector("details")?.open ?? false;
  numbers.open = wasOpen;
  shown.replaceChildren(sizes, picture, numbers);
}

function table(rows: readonly Row[]): HTMLElement {
  const isPipe = ({ implementation }: Row) => implementationOf(implementation).role !== "floor";
  const medians = (column: number) =>
    rows.filter(isPipe).flatMap(({ nsPerChunk }) => {
      const cost = nsPerChunk[column];
      return cost === undefined || cost instanceof Error ? [] : [cost.median];
    });
  const fastest = CHUNK_SIZES_BYTES.map((_, column) => Math.min(...medians(column)));
  const head = make("tr", make("td"), ...CHUNK_SIZES_BYTES.map((bytes) => heading(size(bytes), "col")));
  const body = rows.map(({ implementation, nsPerChunk }) => {
    const isOurs = implementationOf(implementation).role === "ours";
    const name = heading(isOurs ? `● ${titleOf(implementation)}` : titleOf(implementation), "row");
    if (isOurs) name.className = "ours";
    const cells = nsPerChunk.map((cost, column) => {
      if (cost === undefined) return make("td", "–");
      if (cost instanceof Error) return make("td", `fails: ${cost.message}`);
      const cell = make("td", measured(cost.median), make("small", plusMinus(cost)));
      if (cost.median === fastest[column]) cell.className = "fastest";
      return cell;
    });
    return make("tr", name, ...cells);
  });
  const caption = make(
    "caption",
    "Nanoseconds for a chunk, medians of the rounds and their ranges. Bold: the fastest. memcpy is only a copy, without a pipe.",
  );
  const scrolling = make("div", make("table", caption, make("thead", head), make("tbody", ...body)));
  scrolling.className = "scrolls";
  scrolling.setAttribute("role", "group");
  scrolling.ariaLabel = "The numbers";
  scrolling.tabIndex = 0;
  return scrolling;
}

function heading(text: string, scope: "row" | "col"): HTMLTableCellElement {
  const made = make("th", text);
  made.scope = scope;
  return made;
}
