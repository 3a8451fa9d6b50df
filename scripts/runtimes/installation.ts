import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

/** Why the runtimes cannot be installed here; `undefined` if they can. */
export function reasonForNone(): string | undefined {
  const here = `${process.platform} ${process.arch}`;
  if (here === "linux x64") return undefined;
  return `the packages with the runtimes are only for linux x64; this is ${here}`;
}

/** Installs the lockfile of `folder`, unless exactly that is installed. `what` is printed in the log. */
export function install(folder: string, what: string): void {
  if (isInstalled(folder)) return;
  console.log(`Installing ${what} in ${folder}`);
  execFileSync("npm", ["ci", "--loglevel=error"], { cwd: folder, stdio: "inherit" });
}

// npm records the installed packages in its own lockfile, in the same form, without the optional packages for other
// platforms.
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
