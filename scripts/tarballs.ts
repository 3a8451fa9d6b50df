// Compares what npm would publish with the list in scripts/publishing/tarballs.json. With --write it updates that list.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { publishedPackages } from "./publishing/packages.ts";
import { type Contents, contentsOf, differences, placesOfThisMachine } from "./publishing/tarballs.ts";

const KEPT = "scripts/publishing/tarballs.json";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
const kept = (existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {}) as Record<string, Contents>;
const now: Record<string, Contents> = {};
const problems: string[] = [];
const places = placesOfThisMachine();
const table = new Table({ head: ["", "kB", "modules", "other files"], style: { head: [], border: [] } });
for (const { folder, manifest } of publishedPackages()) {
  const { contents, problems: found } = contentsOf(folder, places);
  now[manifest.name] = contents;
  problems.push(...found);
  const { kilobytes, modules, files } = contents;
  table.push([manifest.name, kilobytes, modules.length, files.join(", ")]);
}
if (write) writeFileSync(KEPT, `${JSON.stringify(now, null, 2)}\n`);
else {
  for (const [name, contents] of Object.entries(now))
    problems.push(...differences(name, kept[name], contents));
  for (const name of Object.keys(kept))
    if (!(name in now)) problems.push(`${name} was published before and is missing now`);
}
console.log(table.toString());
for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error("If this is intended, run npm run tarballs -- --write");
process.exitCode = problems.length === 0 ? 0 : 1;
