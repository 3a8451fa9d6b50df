// Checks the manifests of the published packages. With --write it puts in what follows from the root's package.json,
// the repository's address above all, and makes the links in the packages' READMEs absolute.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { absoluteLinks } from "./publishing/links.ts";
import { corrected, manifestProblems } from "./publishing/manifests.ts";
import { publishedPackages, readManifest, webAddress } from "./publishing/packages.ts";
import { execFileSync } from "node:child_process";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
const root = readManifest(".");
const manifests = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*/package.json"], { encoding: "utf8" });
const privateNames = new Set(
  manifests
    .split("\n")
    .filter((file) => file !== "")
    .map((file) => readManifest(file.slice(0, -"/package.json".length)))
    .filter((manifest) => manifest.private === true)
    .map(({ name }) => name),
);

if (write) {
  for (const each of publishedPackages()) {
    const formerAddress = each.manifest.bugs?.url.replace(/\/issues$/, "");
    const manifest = corrected(each, root, privateNames);
    writeFileSync(`${each.folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
    const readme = `${each.folder}/README.md`;
    const text = readFileSync(readme, "utf8");
    writeFileSync(readme, absoluteLinks(text, readme, webAddress(root), formerAddress));
  }
}
const packages = publishedPackages();
const problems = packages.flatMap((each) => manifestProblems(each, root, privateNames));
for (const problem of problems) console.error(problem);
console.log(`${packages.length} manifests, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
