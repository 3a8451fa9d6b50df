// Generates the pages of the site whose source is elsewhere: the READMEs of the packages, the benchmark and the reference.
// The generated docs/packages/, docs/benchmark.md and docs/reference/ are not committed.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = join(root, "docs");

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Record<string, { readonly "@pipe512/source"?: string } | string>;
}

/** The folders of the published packages. */
const published = readdirSync(join(root, "packages")).filter(
  (folder) =>
    existsSync(join(root, "packages", folder, "package.json")) && manifestOf(folder).private !== true,
);

install();
readmes();
benchmark();
reference();

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as Manifest;
}

/** Installs the tools of the site, which have their own lockfile, when they are first used. */
function install(): void {
  if (existsSync(join(docs, "node_modules"))) return;
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: docs, stdio: "inherit" });
}

function readmes(): void {
  const folder = join(docs, "packages");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const name of published) {
    const source = join(root, "packages", name, "README.md");
    // Links in a package's README are absolute, because the registry shows the README too.
    const text = readFileSync(source, "utf8").replaceAll(
      /\]\(([^)#]+)\/(?:blob|tree)\/main\/([^)#]+)(#[^)]*)?\)/g,
      (whole, site: string, path: string, anchor = "") =>
        site === forge() ? `](${linkTo(join(root, path), folder)}${anchor})` : whole,
    );
    writeFileSync(join(folder, `${name}.md`), text);
  }
}

/** The page with the benchmark's results: the table that `npm run bench:readme` writes into the root's README. */
function benchmark(): void {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, table] =
    /<!-- performance table: begin -->(.*)<!-- performance table: end -->/s.exec(readme) ?? [];
  if (table === undefined) throw new Error("Cannot make the page: README.md has no performance table");
  const text = `# Benchmark

The benchmark sends a real file through pipe512 and through the streams that people use today. It checks every byte.
[How it measures](apps/bench/README.md) describes the rounds, the warm-up and the confidence intervals.
${table}
To measure your own machine, run these commands in a checkout of the repository. The report is one HTML file with charts.

    npm ci && npm start
    npm start -- --html report.html
`;
  const linked = text.replaceAll(
    /\]\((?!https?:)([^)]+)\)/g,
    (_, path: string) => `](${linkTo(join(root, path), docs)})`,
  );
  writeFileSync(join(docs, "benchmark.md"), linked);
}

/** A link of a page in `folder` to a file of the repository. It leads to the site if the site has the file, otherwise to the forge. */
function linkTo(target: string, folder: string): string {
  const path = relative(root, target);
  const [top, name, file] = path.split("/");
  if (top === "docs") return relative(folder, target).replace(/^(?!\.)/, "./");
  if (top === "packages" && (file === undefined || file === "README.md")) return `./${name}.md`;
  return `${forge()}/tree/main/${path}`;
}

function forge(): string {
  const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    repository?: { url: string };
  };
  return (repository?.url ?? "https://github.com/pipe512/pipe512")
    .replace(/^git\+/, "")
    .replace(/\.git$/, "");
}

function reference(): void {
  const folder = join(docs, "reference");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const rows: string[] = [];
  for (const name of published) {
    const { exports = {} } = manifestOf(name);
    const entries = Object.values(exports)
      .map((target) => (typeof target === "string" ? undefined : target["@pipe512/source"]))
      .filter((source) => source?.endsWith(".ts") && !source.includes("preload"))
      .map((source) => join(root, "packages", name, source as string));
    const out = join(folder, name);
    const options = [
      "--options",
      "typedoc.json",
      "--tsconfig",
      join(root, "docs", "tsconfig.reference.json"),
    ];
    execFileSync(
      "node_modules/.bin/typedoc",
      [
        ...options,
        "--out",
        out,
        "--name",
        `@pipe512/${name}`,
        ...entries.flatMap((entry) => ["--entryPoints", entry]),
      ],
      { cwd: docs, stdio: ["ignore", "ignore", "inherit"] },
    );
    rows.push(`- [@pipe512/${name}](./${name}/index.md)`);
  }
  writeFileSync(
    join(folder, "index.md"),
    `# Reference\n\nGenerated from the docstrings of each package.\n\n${rows.join("\n")}\n\n- [The contract](../contract.md)\n- [Error codes](../errors.md)\n- [Glossary](../glossary.md)\n`,
  );
}
