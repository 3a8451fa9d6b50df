// Checks every link in every Markdown file and every issue form, without a network.
import { execFileSync } from "node:child_process";
import { linkProblems, linksIn } from "./publishing/links.ts";
import { publishedPackages, readManifest, webAddress } from "./publishing/packages.ts";
import { existsSync, readFileSync } from "node:fs";

const address = webAddress(readManifest("."));
const published = new Set(
  publishedPackages().flatMap(({ folder }) => [`${folder}/README.md`, `${folder}/CHANGELOG.md`]),
);
// A changeset becomes part of a changelog, which is published.
const isPublished = (file: string): boolean => published.has(file) || file.startsWith(".changeset/");

const list = ["ls-files", "-co", "--exclude-standard", "*.md", ".github/ISSUE_TEMPLATE/*.yml"];
const files = execFileSync("git", list, { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const problems = files.flatMap((file) => linkProblems(file, address, isPublished(file)));
const links = files.reduce((sum, file) => sum + linksIn(readFileSync(file, "utf8")).length, 0);
for (const problem of problems) console.error(problem);
console.log(`${links} links in ${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
