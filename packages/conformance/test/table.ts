import { type Result, type Results, targetNames } from "./results.ts";

/** The rows: a guarantee in words, and the numbers of the cases that show it. A case counts in the row of its first number. */
const rows: ReadonlyArray<readonly [string, readonly string[]]> = [
  ["every byte once and in order, for all sizes", ["PIPE-001"]],
  ["exactly 512 bytes in between, and a write that does not fit waits", ["PIPE-002", "PIPE-003"]],
  ["an array may be reused once its write has resolved", ["PIPE-004"]],
  ["reads into your array the bytes that are there", ["PIPE-005", "PIPE-009"]],
  ["a zero-length write wakes no reader", ["PIPE-008"]],
  ["concurrent writes are atomic and in order, and so are concurrent reads", ["PIPE-006", "PIPE-007"]],
  ["reads and writes that do not wait", ["PIPE-010"]],
  ["owned chunks; with `transfer` the same memory arrives", ["PIPE-011"]],
  ["an aborted call reports how many bytes it moved", ["PIPE-015"]],
  ["a close loses no bytes; later writes reject", ["PIPE-020", "PIPE-021"]],
  ["pending writes reject when the reader closes", ["PIPE-023"]],
  ["an error of any value arrives after the accepted bytes, as the same object", ["PIPE-022", "PIPE-024"]],
  ["only the first close has an effect", ["PIPE-025", "PIPE-026"]],
  ["nothing stays pending after a close", ["PIPE-027"]],
  ["errors name the side that closed and the bytes accepted", ["PIPE-028"]],
  ["operations reject when the other end is garbage-collected", ["PIPE-029"]],
  ["single reads and writes can be aborted, and the others go on", ["PIPE-030", "PIPE-031", "PIPE-032"]],
  ["timers fire during a busy transfer", ["PIPE-040"]],
  ["invalid arguments reject, and no bytes move", ["PIPE-060", "PIPE-061"]],
  ["shared, resizable and WebAssembly memory", ["PIPE-062"]],
  ["code that runs after an operation may call the pipe", ["PIPE-063"]],
];

/** The number that determines in which row a case counts. */
const firstNumber = (title: string): string => /\[([A-Z]+-\d{3})\]/.exec(title)?.[1] ?? "";

/** The cases that are in no row of the table. */
export function casesWithoutRow(titles: readonly string[]): string[] {
  const numbers = new Set(rows.flatMap(([, ofRow]) => ofRow));
  return titles.filter((title) => !numbers.has(firstNumber(title)));
}

/** "yes", "no", or how many of the row's cases pass. */
function cell({ cases }: Result, numbers: readonly string[]): string {
  const held = Object.entries(cases).filter(([title]) => numbers.includes(firstNumber(title)));
  const yes = held.filter(([, holds]) => holds).length;
  return yes === held.length ? "yes" : yes === 0 ? "no" : `${yes} of ${held.length}`;
}

/** The section of the README between its markers, generated only from the results. */
export function renderTable({ node, targets }: Results): string {
  const results = targetNames.map((name) => targets[name]);
  const head = "pipe | `PassThrough` | `TransformStream` | `stream/iter` |\n|---|:-:|:-:|:-:|:-:|";
  const guaranteed = rows.map(
    ([words, numbers]) =>
      `| ${words} (${numbers.join(", ")}) | ${results.map((result) => cell(result, numbers)).join(" | ")} |`,
  );
  const extras = Object.keys(targets.pipe.extras).map(
    (name) =>
      `| ${name} | ${results.map(({ extras: its }) => (its[name] === true ? "yes" : "no")).join(" | ")} |`,
  );
  return [
    `The ${Object.keys(targets.pipe.cases).length} cases of the [conformance suite](packages/conformance) ran on Node ${node}. Each of the other streams has a`,
    "[wrapper that is as thin as possible](packages/conformance/test/targets), and a buffer of 512 bytes if its size can be set. `stream/iter` has at least 16 KiB.",
    'A cell such as "2 of 3" means that two of the three cases behind the row passed. A case that a stream cannot express counts as failed. `npm run conformance:table` writes this section.',
    "",
    `| what is guaranteed | ${head}`,
    ...guaranteed,
    "",
    `| what passes by default | ${head}`,
    ...extras,
  ].join("\n");
}

const begin = "<!-- conformance table: begin -->";
const end = "<!-- conformance table: end -->";

/** `readme` with `section` between the markers. */
export function withTable(readme: string, section: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot place the table: the README has no ${begin} … ${end}`);
  return `${readme.slice(0, from)}${begin}\n\n${section}\n\n${readme.slice(to)}`;
}
