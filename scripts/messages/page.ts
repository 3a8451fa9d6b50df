// The page that lists the messages, and the check of each message.
import { type Kind, type Message, packageOf } from "./collect.ts";
import type { Part, Text } from "./text.ts";

const INTRODUCTION = `# Error messages

<!-- Generated from the sources by \`npm run messages -- --write\`. -->

Every message of every error that the packages make, by package and source file. [Error codes](errors.md) says what each code means.

\`\${…}\` is a value. Where the code lists the texts that a value may be, so do the lines below the message. \`\${message}\` alone is the message of
another error, which came from the other side. A function that checks an argument has one message for each parameter that it is called for; where another package calls
it, the message is in the section of that package.
`;

/** Messages that do not follow the pattern and may stay, with the reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    "a reader to concatenate must be a Reader, with read(), close() and closeWithError(); got ${readerAdvice(value)}",
    "An item of the iterable that concat() takes has no name.",
  ],
  ["the worker could not be started", "The error stands for the one that the browser does not give."],
]);

/** The page, in Markdown. */
export function pageOf(messages: readonly Message[], packages: readonly string[]): string {
  const sections = packages.map((name) => {
    const own = messages.filter(({ file }) => packageOf(file) === name);
    const files = [...new Set(own.map(({ file }) => file))].toSorted();
    const parts = files.map((file) => {
      const items = itemsOf(own.filter((message) => message.file === file));
      return `### ${pathInPackage(file)}\n\n${items.join("\n")}\n`;
    });
    return `## @pipe512/${name}\n\n${parts.join("\n")}`;
  });
  return `${INTRODUCTION}\n${sections.join("\n")}\n${adviceOf(messages)}`;
}

/** One item for each message, with all errors that have it. */
function itemsOf(messages: readonly Message[]): string[] {
  return [...Map.groupBy(messages, ({ text }) => printed(text))].map(([message, same]) => {
    const kinds = new Set(same.flatMap((each) => each.kinds).map(named));
    const holes = new Map<string, Set<string>>();
    for (const { text } of same) findOptions(text, holes);
    const lines = [...holes].map(
      ([label, options]) => `  - ${quoted(`\${${label}}`)}: ${[...options].join(", ")}`,
    );
    return [`- ${[...kinds].join(" or ")}: ${quoted(message)}`, ...lines].join("\n");
  });
}

function named({ name, code }: Kind): string {
  return code === undefined ? `\`${name}\`` : `\`${name}\` (\`${code}\`)`;
}

/** The section with the texts of functions that many messages use. */
function adviceOf(messages: readonly Message[]): string {
  const parts = new Map<string, Part>();
  const find = (text: Text): void => {
    for (const hole of text) {
      if (typeof hole === "string") continue;
      if (hole.part !== undefined) parts.set(headingOf(hole.part), hole.part);
      for (const option of hole.options) find(option);
    }
  };
  for (const { text } of messages) find(text);
  const sections = [...parts.keys()].toSorted().map((heading) => {
    const { options = [] } = parts.get(heading) ?? {};
    const items = new Set(options.map((option) => `- ${quoted(printed(option))}`));
    return `### ${heading}\n\n${[...items].join("\n")}\n`;
  });
  return `## Advice\n\nWhat these functions return is a part of the messages above.\n\n${sections.join("\n")}`;
}

function headingOf({ name, file }: Part): string {
  return `${name} of ${packageOf(file)}`;
}

function pathInPackage(file: string): string {
  return file.split("/").slice(3).join("/");
}

/** Adds the possible texts of each hole in `text`, and of the holes in these texts. */
function findOptions(text: Text, found: Map<string, Set<string>>): void {
  for (const hole of text) {
    if (typeof hole === "string") continue;
    const options = hole.options.map((option) => quoted(printed(option)));
    if (hole.part !== undefined) {
      const heading = headingOf(hole.part);
      options.push(`[${heading}](#${heading.toLowerCase().replaceAll(" ", "-")})`);
    }
    if (options.length > 0)
      found.set(hole.label, (found.get(hole.label) ?? new Set()).union(new Set(options)));
    for (const option of hole.options) findOptions(option, found);
  }
}

/** A message as it is in the code, on one line. */
function printed(text: Text): string {
  return text.map((part) => (typeof part === "string" ? part : `\${${part.label}}`)).join("");
}

/** `text` as a span of code, also if it contains backticks. Markdown has no span for an empty text. */
function quoted(text: string): string {
  if (text === "") return "nothing";
  const isPlain = !text.includes("`");
  return isPlain ? `\`${text}\`` : `\`\` ${text} \`\``;
}

/** The messages that do not follow the pattern of CONTRIBUTING.md, each with the problem. */
export function problemsOf(messages: readonly Message[]): string[] {
  const problems = messages.flatMap(({ file, text }) => {
    const message = printed(text);
    const problem = EXCEPTIONS.has(message) ? undefined : problemOf(message);
    return problem === undefined ? [] : [`${file}: ${message}\n  ${problem}`];
  });
  const all = new Set(messages.map(({ text }) => printed(text)));
  for (const message of EXCEPTIONS.keys()) {
    if (!all.has(message)) problems.push(`scripts/messages/page.ts: no message is the exception ${message}`);
  }
  return [...new Set(problems)];
}

/** The problem of a message, if a program can detect it. A message that consists of one value is the message of another error. */
export function problemOf(message: string): string | undefined {
  if (/^\$\{[^}]*\}$/.test(message)) return undefined;
  if (/[.!?]$/.test(message)) return "ends with a full stop, which a message does not have";
  if (message.startsWith("Cannot ")) {
    return /.: ./.test(message) ? undefined : 'has no ": " between what was attempted and what was found';
  }
  if (!/^(?:\$\{[^}]*\}|[\w[\].])+ must ./.test(message)) {
    return 'begins neither with "Cannot" nor with the name of a parameter and "must"';
  }
  return /.; (?:got|it) ./.test(message) ? undefined : 'does not say what was found, after "; got "';
}
