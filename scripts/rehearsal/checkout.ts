import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { command } from "../publishing/command.ts";

/** Copies the files that git tracks or could add, and makes a new repository of them, because releases are tagged. */
export async function copyCheckout(checkout: string): Promise<void> {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  for (const file of execFileSync("git", list, { encoding: "utf8" }).split("\0")) {
    if (file === "" || !existsSync(file)) continue;
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(file, join(checkout, file));
  }
  linkDependencies(join(checkout, "node_modules"));
  await git(checkout, "init", "--quiet", "--initial-branch=main");
  writeFileSync(join(checkout, ".git/info/exclude"), "node_modules\n");
  await git(checkout, "add", "--all");
  await git(checkout, "commit", "--quiet", "--message", "The checkout");
}

/** Links the copy to the dependencies of the checkout, except for the packages of this repository. Installing everything takes most of a minute. */
function linkDependencies(modules: string): void {
  mkdirSync(join(modules, "@pipe512"), { recursive: true });
  for (const { name, parentPath } of readdirSync("node_modules", { withFileTypes: true })) {
    if (name !== "@pipe512" && name !== ".package-lock.json")
      symlinkSync(resolve(parentPath, name), join(modules, name), "junction");
  }
  for (const name of readdirSync("node_modules/@pipe512")) {
    const own = relative(process.cwd(), realpathSync(`node_modules/@pipe512/${name}`));
    symlinkSync(resolve(modules, "..", own), join(modules, "@pipe512", name), "junction");
  }
}

/** Runs git in the copy. */
export function git(cwd: string, ...args: string[]): Promise<string> {
  const author = [
    "-c",
    "user.name=rehearsal",
    "-c",
    "user.email=rehearsal@localhost",
    "-c",
    "commit.gpgsign=false",
  ];
  return command("git", [...author, ...args], { cwd });
}
