// Packs the packages, installs them in empty folders, and uses them with other compilers, bundlers, test runners, package
// managers and runtimes. It also tries combinations that are known not to work, which must fail as documented.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { command } from "../publishing/command.ts";
import {
  emptyFolder,
  installWithNpm,
  installWithPnpm,
  pack,
  peers,
  registryOfThisMachine,
} from "../publishing/consumer.ts";
import { publishedPackages } from "../publishing/packages.ts";
import { install, reasonForNone } from "../runtimes/installation.ts";
import { bundleAll } from "./bundlers.ts";
import { attemptAll, type Case } from "./case.ts";
import { runtimeCases } from "./runtimes.ts";
import { testRunnerCases } from "./test-runners.ts";
import { TOOLS } from "./tools.ts";
import { typeCases } from "./types.ts";

const { only } = parseArgs({ options: { only: { type: "string", default: "" } } }).values;

const reason = reasonForNone();
if (reason === undefined) {
  install("tools/runtimes", "the runtimes, about 900 MB,");
  install("tools/compatibility", "the users' tools, about 700 MB,");
  const folder = mkdtempSync(join(tmpdir(), "pipe512-"));
  try {
    process.exitCode = (await tryAll(folder)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  console.log(`skipped: compatibility: ${reason}`);
}

/** Whether every outcome is as expected. */
async function tryAll(folder: string): Promise<boolean> {
  const packages = publishedPackages();
  const entries = packages.flatMap(({ manifest: { name, exports = {} } }) =>
    Object.keys(exports)
      .filter((path) => path !== "./package.json")
      .map((path) => name + path.slice(1)),
  );
  const tarballs = await pack(packages, join(folder, "tarballs"));
  const ours = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  const theirs = peers(packages);
  const dependencies = { ...ours, ...theirs };

  const programs = "tools/compatibility/programs";
  const npm = emptyFolder(join(folder, "npm"), { dependencies }, programs);
  const twice = { dependencies: { ...dependencies, "core-again": ours["@pipe512/core"] } };
  const again = emptyFolder(join(folder, "copies"), twice, programs);
  const pnpm = emptyFolder(join(folder, "pnpm"), { dependencies, pnpm: { overrides: ours } }, programs);
  await installWithNpm(npm);

  const installed: Case[] = [
    {
      group: "npm",
      name: "two copies of the core side by side",
      run: async () => {
        await installWithNpm(again);
        await command(process.execPath, ["two-copies.mjs"], { cwd: again });
      },
    },
    {
      group: "pnpm",
      name: "isolated, nothing hoisted, strict peers",
      run: async () => {
        await installWithPnpm(pnpm, {
          tools: TOOLS,
          home: join(folder, "pnpm-home"),
          registry: await registryOfThisMachine(),
        });
        await command(process.execPath, ["import.mjs"], { cwd: pnpm });
      },
    },
  ];
  const cases = [
    ...installed,
    ...runtimeCases(npm, entries),
    ...testRunnerCases(npm),
    ...typeCases(npm, entries),
  ].filter(({ group, name }) => `${group} ${name}`.includes(only));
  const outcomes = await attemptAll(cases, availableParallelism());

  const table = new Table({ head: ["", "", "outcome"], style: { head: [], border: [] } });
  for (const { tried, works } of outcomes)
    table.push([tried.group, tried.name, works ? "works" : "does not work"]);
  console.log(table.toString());
  const problems = outcomes.flatMap(({ tried, problem }) =>
    problem === undefined ? [] : [`${tried.group}, ${tried.name}: ${problem}`],
  );
  if (only === "" || only === "bundlers") {
    const bundled = await bundleAll(npm, entries, Object.keys(theirs));
    console.log(bundled.table);
    problems.push(...bundled.problems);
  }
  for (const problem of problems) console.error(`\n${problem}`);
  console.log(`${outcomes.length} cases, ${problems.length} problems`);
  return problems.length === 0;
}
