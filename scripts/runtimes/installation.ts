import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

/** Why no runtime can be had here; `undefined` where they can. */
export function reasonForNone(): string | undefined {
  const here = `${process.platform} ${process.arch}`;
  if (here === "linux x64") return undefined;
  return `the packages with the runtimes are for linux x64 alone, and this is ${here}`;
}

/** Installs what the lockfile in `folder` lists, unless exactly that is there. `what` names it for the reader of the log. */
export function install(folder: string, what: string): void {
  if (isInstalled(folder)) return;
  console.log(`Installing ${what} in ${folder}`);
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
}

// npm keeps what it has installed in a lockfile of its own, in the same form, without the optional packages that are
// for other platforms.
function isInstalled(folder: string): boolean {
  const lockfile = `${folder}/node_modules/.package-lock.json`;
  if (!existsSync(lockfile)) return false;
  const { "": _, ...wanted } = packages(`${folder}/package-lock.json`);
  const installed = packages(lockfile);
  return (
    Object.keys(installed).every((path) => path in wanted) &&
    Object.entries(wanted).every(
      ([path, entry]) =>
        isDeepStrictEqual(installed[path], entry) || (entry.optional === true && !(path in installed)),
    )
  );
}

function packages(lockfile: string): Record<string, { readonly optional?: boolean }> {
  return (
    JSON.parse(readFileSync(lockfile, "utf8")) as {
      packages: Record<string, { readonly optional?: boolean }>;
    }
  ).packages;
}
