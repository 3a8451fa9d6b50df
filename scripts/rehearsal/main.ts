// Rehearses a release to a registry on loopback: versions, changelogs, tarballs, an installation with npm and one with
// pnpm, and the READMEs' examples. It works on a copy of the checkout and removes everything it makes.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { command } from "../publishing/command.ts";
import {
  emptyFolder,
  installWithNpm,
  installWithPnpm,
  peers,
  registryOfThisMachine,
} from "../publishing/consumer.ts";
import { publishedPackages } from "../publishing/packages.ts";
import { placesIn, placesOfThisMachine } from "../publishing/tarballs.ts";
import { install } from "../runtimes/installation.ts";
import { changelogProblems } from "./changelogs.ts";
import { copyCheckout, git } from "./checkout.ts";
import { exampleProblems } from "./examples.ts";
import { type Registry, startRegistry } from "./registry.ts";

const TOOLS = resolve("tools/rehearsal/node_modules");

const problems: string[] = [];
const before = workingTree();
install("tools/rehearsal", "a registry and pnpm, about 90 MB,");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "pipe512-rehearsal-")));
const clean = (): void => rmSync(folder, { recursive: true, force: true });
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    clean();
    process.exit(1);
  });
try {
  await rehearse();
} finally {
  clean();
}
if (workingTree() !== before) problems.push("the rehearsal has changed the checkout");
for (const problem of problems) console.error(`\n${problem}`);
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function rehearse(): Promise<void> {
  const upstream = await registryOfThisMachine();
  const checkout = join(folder, "checkout");
  await step("copy the checkout", () => copyCheckout(checkout));
  await step("npm run release:prepare", () => command("npm", ["run", "release:prepare"], { cwd: checkout }));
  const packages = publishedPackages(checkout);
  for (const { folder: own, manifest } of packages) {
    const changelog = join(checkout, own, "CHANGELOG.md");
    const text = existsSync(changelog) ? readFileSync(changelog, "utf8") : "";
    problems.push(...changelogProblems(manifest.name, text));
    console.log(`      ${manifest.name} ${manifest.version}, ${text.split("\n").length} lines of changelog`);
  }
  await step("npm ci --dry-run", () =>
    command("npm", ["ci", "--dry-run", "--loglevel=error"], { cwd: checkout }),
  );
  await git(checkout, "add", "--all");
  await git(checkout, "commit", "--quiet", "--message", "Versions");

  await using registry = await step("start a registry on loopback", () =>
    startRegistry(join(folder, "registry"), upstream),
  );
  const publishing = { cwd: checkout, env: { ...registry.env, CI: "true" } };
  const destination = (await command("npm", ["config", "get", "registry"], publishing)).trim();
  const others = packages.filter(({ manifest }) => "registry" in (manifest.publishConfig ?? {}));
  if (destination !== registry.address || others.length > 0)
    throw new Error("Cannot rehearse: npm would publish to another registry than the one on loopback");
  await step("npm run release:publish", () => command("npm", ["run", "release:publish"], publishing));
  // The workflow publishes and tags in two jobs, so that each job needs only one permission.
  const tags = (await git(checkout, "tag", "--list")).trim().split("\n");
  await git(checkout, "tag", "--delete", ...tags);
  await step("npm run release:tag", () => command("npm", ["run", "release:tag"], { cwd: checkout }));
  const expected = packages.map(({ manifest }) => `${manifest.name}@${manifest.version}`);
  if (!isDeepStrictEqual((await git(checkout, "tag", "--list")).trim().split("\n"), expected))
    problems.push(`the tags must be ${expected.join(", ")}; got ${tags.join(", ")}`);

  const dependencies = {
    ...Object.fromEntries(packages.map(({ manifest }) => [manifest.name, manifest.version])),
    ...peers(packages),
  };
  const npm = emptyFolder(join(folder, "npm"), { dependencies });
  await step("npm install in an empty folder", () => installWithNpm(npm, registry.env));
  for (const { manifest } of packages)
    problems.push(...installedProblems(`${npm}/node_modules/${manifest.name}`, manifest.version, registry));
  const pnpm = emptyFolder(join(folder, "pnpm"), { dependencies });
  await step("pnpm install in an empty folder", () =>
    installWithPnpm(pnpm, { tools: TOOLS, home: join(folder, "pnpm-home"), registry: registry.address }),
  );
  const readmes = ["README.md", ...packages.map((each) => `${each.folder}/README.md`)];
  for (const [manager, consumer] of Object.entries({ npm, pnpm })) {
    // Examples read it, because every project has a LICENSE.
    cpSync("LICENSE", join(consumer, "LICENSE"));
    const run = (): Promise<string[]> => exampleProblems(readmes, consumer, availableParallelism());
    problems.push(...(await step(`the READMEs' examples, installed with ${manager}`, run)));
  }
}

/** The problems of the installation of one package: a missing changelog entry, and text that reveals details of this machine. */
function installedProblems(installed: string, version: string, registry: Registry): string[] {
  const files = globSync("**/*", { cwd: installed, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const places = new Map([
    ...placesOfThisMachine(),
    ["the rehearsal's folder", folder],
    ["the rehearsal's registry", new URL(registry.address).host],
  ]);
  const changelog = join(installed, "CHANGELOG.md");
  const hasChangelog = existsSync(changelog) && readFileSync(changelog, "utf8").includes(`\n## ${version}\n`);
  return [
    ...(hasChangelog ? [] : [`${changelog} has no entry for ${version}`]),
    ...files.flatMap((file) => placesIn(file, readFileSync(file, "utf8"), places)),
  ];
}

function workingTree(): string {
  return execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" });
}

async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await run();
  console.log(`ok    ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return result;
}
