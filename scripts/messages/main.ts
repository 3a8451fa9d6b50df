// Lists every error message of the published packages in docs/messages.md. It fails when the page is not up to date, and when a
// message does not follow the pattern that CONTRIBUTING.md sets. With --write it writes the page.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { collect } from "./collect.ts";
import { pageOf, problemsOf } from "./page.ts";
import { Sources } from "./sources.ts";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
const PAGE = "docs/messages.md";
/** In the order of the page, without the conformance suite, whose errors are the results of tests. */
const PACKAGES = ["core", "node", "web", "rxjs", "nats"];

const sources = new Sources("scripts/messages/tsconfig.json");
const messages = collect(sources);
sources.close();
const problems = problemsOf(messages);
const page = pageOf(messages, PACKAGES);
if (write) writeFileSync(PAGE, page);
else if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page) {
  problems.push(`${PAGE} is not up to date: run npm run messages -- --write`);
}
for (const problem of problems) console.error(problem);
const lines = page.split("\n").filter((line) => line.startsWith("- ")).length;
console.log(`${lines} messages, ${problems.length} problems`);
process.exitCode = problems.length === 0 && lines > 0 ? 0 : 1;
