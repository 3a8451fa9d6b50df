// Checks the manifests of the published packages, and the Requirements in the READMEs. With --write it corrects the fields
// that follow from the root's package.json, such as the repository's address. It also makes links in READMEs absolute.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { absoluteLinks } from "./publishing/links.ts";
import { corrected, manifestProblems } from "./publishing/manifests.ts";
import { publishedPackages, readManifest, webAddress } from "./publishing/packages.ts";
import { withRequirements } from "./publishing/requirements.ts";

const { write } = parseArgs({ options: { write: { type: "boolean", default: false } } }).values;
/** The pages with the requirements that hold for every package. */
const SHARED_PAGES = ["README.md", "docs/guide/getting-started.md"];
const root = readManifest(".");
const list = ["ls-files", "--cached", "--others", "--exclude-standard", "*/package.json"];
const privateNames = new Set(
  execFileSync("git", list, { encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "")
    .map((file) => readManifest(dirname(file)))
    .filter((manifest) => manifest.private === true)
    .map(({ name }) => name),
);

if (write) {
  for (const each of publishedPackages()) {
    const formerAddress = each.manifest.bugs?.url.replace(/\/issues$/, "");
    const manifest = corrected(each, root, privateNames);
    writeFileSync(`${each.folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
    const readme = `${each.folder}/README.md`;
    const text = absoluteLinks(readFileSync(readme, "utf8"), readme, webAddress(root), formerAddress);
    writeFileSync(readme, withRequirements(text, manifest));
  }
  for (const page of SHARED_PAGES) writeFileSync(page, withRequirements(readFileSync(page, "utf8")));
}

const packages = publishedPackages();
const problems = packages.flatMap((each) => manifestProblems(each, root, privateNames));
const { fixed } = JSON.parse(readFileSync(".changeset/config.json", "utf8")) as { fixed: string[][] };
for (const { manifest } of packages) {
  if (fixed[0]?.includes(manifest.name) !== true)
    problems.push(
      `.changeset/config.json: fixed must contain ${manifest.name}, because all packages share one version`,
    );
}
const readmes = [
  ...SHARED_PAGES.map((readme) => ({ readme, manifest: undefined })),
  ...packages.map(({ folder, manifest }) => ({ readme: `${folder}/README.md`, manifest })),
];
for (const { readme, manifest } of readmes) {
  const text = readFileSync(readme, "utf8");
  if (withRequirements(text, manifest) !== text)
    problems.push(`${readme}: its Requirements are out of date; run npm run manifests -- --write`);
}
for (const problem of problems) console.error(problem);
console.log(`${packages.length} manifests, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
