import { execFileSync } from "node:child_process";

/** Runs a program of a package's tests with a new seed and returns its last line. A failure prints the seed and ends the soak. */
export function run(prefix: readonly string[], path: string, amount: number): string {
  const seed = Date.now() % 2 ** 31;
  const command = [process.execPath, "--conditions=@pipe512/source", path, String(amount), String(seed)];
  const [file = "", ...args] = [...prefix, ...command];
  try {
    const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
    return execFileSync(file, args, { encoding: "utf8", stdio }).trim().split("\n").at(-1) ?? "";
  } catch (error) {
    throw new Error(`Failed: node ${command.slice(1).join(" ")}`, { cause: error });
  }
}

/** Runs the tests of a project whose path contains `filter`, with a larger number of random cases. */
export function runTests(project: string, filter: string, env: Record<string, string>): void {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", project, filter];
  execFileSync(process.execPath, vitest, { stdio: "inherit", env: { ...process.env, ...env } });
}
