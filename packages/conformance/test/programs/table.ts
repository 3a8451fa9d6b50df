// Measures every target on the Node that runs this program, and stores the results of that Node. Then writes the table
// of the newest measured Node into the README. To measure another Node, run this file with it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  measure,
  newestResults,
  reasonNotToMeasure,
  type Result,
  resultsFile,
  targetNames,
} from "../results.ts";
import { renderTable, withTable } from "../table.ts";

const targets: Record<string, Result> = {};
for (const name of targetNames) {
  const reason = await reasonNotToMeasure(name);
  if (reason !== undefined) throw new Error(`Cannot make a table without ${name}: ${reason}`);
  targets[name] = await measure(name);
}

const file = resultsFile(Number.parseInt(process.versions.node, 10));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify({ node: process.versions.node, targets }, null, 2)}\n`);

const readme = fileURLToPath(new URL("../../../../README.md", import.meta.url));
writeFileSync(readme, withTable(readFileSync(readme, "utf8"), renderTable(newestResults())));
