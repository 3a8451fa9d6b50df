// Runs packages/*/test/runtimes/*.test.mjs in every runtime. These tests import the built packages by name.
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { install, reasonForNone } from "./installation.ts";
import { FOLDER, type Runtime, run, runtimes, runtimesOnPath, type Trial } from "./runtime.ts";

const command = new Command("npm run test:runtimes --")
  .description("Tests the built packages in Node 20, 22, 24 and 26, in Bun and in Deno.")
  .addOption(new Option("--runtime <names...>", "only these").choices(runtimes.map(({ name }) => name)))
  .option("--on-path", "use every Node, Bun and Deno on the PATH instead")
  .allowExcessArguments(false)
  .parse();
const { runtime: chosen, onPath } = command.opts<{ runtime?: readonly string[]; onPath?: true }>();

const reason = reasonForNone();
if (onPath) {
  process.exitCode = (await testAll(runtimesOnPath())) ? 0 : 1;
} else if (reason === undefined) {
  install(FOLDER, "the runtimes, about 900 MB,");
  process.exitCode = (await testAll(runtimes)) ? 0 : 1;
} else {
  console.log(`skipped: the runtimes: ${reason}`);
}

/** Whether all tests passed. */
async function testAll(candidates: readonly Runtime[]): Promise<boolean> {
  // With the dot, Bun treats the argument as a path and not as a pattern.
  const files = globSync("packages/*/test/runtimes/*.test.mjs").map(
    (file) => `./${file.replaceAll("\\", "/")}`,
  );
  const suites = [...Map.groupBy(files.toSorted(), (file) => file.split("/")[2] ?? "")];
  const table = new Table({ head: ["", ...suites.map(([name]) => name)], style: { head: [], border: [] } });
  const problems: string[] = [];
  const reports = mkdtempSync(join(tmpdir(), "pipe512-"));
  try {
    for (const runtime of candidates) {
      if (chosen !== undefined && !chosen.includes(runtime.name)) continue;
      const row: string[] = [];
      for (const [name, suite] of suites) {
        const trial = await run(runtime, suite, join(reports, runtime.name + name));
        row.push(counts(trial));
        problems.push(...problemsOf(trial).map((problem) => `FAIL ${runtime.name}, ${name}: ${problem}`));
        for (const title of trial.skipped) console.log(`skipped: ${runtime.name}, ${name}: ${title}`);
      }
      table.push({ [runtime.name]: row });
    }
  } finally {
    rmSync(reports, { recursive: true });
  }
  console.log(table.toString());
  for (const problem of problems) console.error(`\n${problem}`);
  return problems.length === 0;
}

function counts({ passed, failed, skipped, trouble }: Trial): string {
  const parts = [`${passed.length} passed`];
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`);
  if (trouble !== undefined) parts.push("trouble");
  return parts.join(", ");
}

function problemsOf({ failed, trouble }: Trial): string[] {
  const failures = failed.map(({ title, text }) => `${title}\n${text}`);
  return trouble === undefined ? failures : [...failures, trouble];
}
