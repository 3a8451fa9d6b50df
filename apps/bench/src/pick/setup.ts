import { listed } from "../report/format.ts";

/** What must exist before the advised code runs. */
export interface Setup {
  /** A shell command, or the remark that nothing needs to be installed. */
  readonly install: string;
  /** Which names in the code stand for the user's own things, in one sentence. */
  readonly yours: string;
}

const YOURS: readonly (readonly [found: RegExp, meaning: string])[] = [
  [/\bsource\b/, "`source` is what you have"],
  [/\bchunks\(\)/, "`chunks()` makes your bytes"],
  [/\bsink\b/, "`sink` is where they go"],
  [/\buse\(/, "`use()` does your work"],
  [/new URL\("\.\/writer\.js"/, "`writer.js` is your thread that writes"],
  [/new URL\("\.\/reader\.js"/, "`reader.js` is your thread that reads"],
];

const IMPORTED = /from "((?:@[^/"]+\/)?[^/"]+)(?:\/[^"]*)?";/g;

/** Both lines are derived from the code itself, so that they name everything it needs. */
export function setupOf(code: string): Setup {
  const names = Array.from(code.matchAll(IMPORTED), ([, name = ""]) => name);
  const packages = [...new Set(names)].filter((name) => !name.startsWith("node:")).toSorted();
  const meanings = YOURS.flatMap(([found, meaning]) => (found.test(code) ? [meaning] : []));
  return {
    install: packages.length === 0 ? "# nothing to install" : `npm install ${packages.join(" ")}`,
    yours: meanings.length === 0 ? "" : `Yours: ${listed(meanings)}.`,
  };
}
