import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

/** Why no runtime can be had here; `undefined` where they can. */
export function reasonForNone(): string | undefined {
  const here = `${process.platform} ${process.arch}`;
  if (here === "linux x64") return undefined;
  return `the runtimes come as packages for linux x64 alone, and this is ${here}`;
}

/** Installs what the lockfile in `folder` asks for, unless exactly that is there. */
export function install(folder: string): void {
  if (isInstalled(folder)) return;
  console.log(`Installing the runtimes in ${folder}, about 900 MB`);
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
}

// npm keeps what it has installed in a lockfile of its own, in the same form.
function isInstalled(folder: string): boolean {
  const installed = `${folder}/node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const { "": _, ...wanted } = packages(`${folder}/package-lock.json`);
  return isDeepStrictEqual(packages(installed), wanted);
}

function packages(lockfile: string): Record<string, unknown> {
  return (JSON.parse(readFileSync(lockfile, "utf8")) as { packages: Record<string, unknown> }).packages;
}
