import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Makes a disposable copy of the checkout, including uncommitted files, and returns its folder. Only this copy is mutated. Third-party
 * packages are linked, but the packages of this repository are those of the copy. Otherwise the tests would not run the mutants.
 */
export function copyCheckout(folder: string): string {
  const copy = resolve(folder);
  rmSync(copy, { recursive: true, force: true });
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  });
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(name))) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    cpSync(file, join(copy, file));
  }
  for (const place of [".", ...workspaces()]) {
    const modules = join(place, "node_modules");
    if (existsSync(modules)) linkModules(resolve(modules), join(copy, modules));
  }
  return copy;
}

function workspaces(): string[] {
  return ["packages", "apps"].flatMap((group) => readdirSync(group).map((name) => join(group, name)));
}

function linkModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name === ".vite" || name === ".cache") continue;
    if (name === "@pipe512")
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(from, name), join(to, name));
  }
}
