import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "../publishing/command.ts";
import type { Case } from "./case.ts";
import { TOOLS } from "./tools.ts";

const RUNTIMES = resolve("tools/runtimes/node_modules");

/** The oldest versions of Node are in the folder of the users' tools, the others in that of the runtimes. Their package names differ. */
const nodes = [
  join(TOOLS, "node20.18"),
  join(TOOLS, "node20.19"),
  join(RUNTIMES, "node20"),
  join(TOOLS, "node22.12"),
  ...["node22", "node24", "node26"].map((name) => join(RUNTIMES, name)),
];

/** Imports and requires every entry in each runtime, and sends bytes through the packages. */
export function runtimeCases(folder: string, entries: readonly string[]): Case[] {
  writeFileSync(join(folder, "import-all.mjs"), entries.map((entry) => `import "${entry}";\n`).join(""));
  writeFileSync(join(folder, "require-all.cjs"), entries.map((entry) => `require("${entry}");\n`).join(""));
  const cases: Case[] = [];
  for (const node of nodes) {
    const manifest = JSON.parse(readFileSync(join(node, "package.json"), "utf8")) as { version: string };
    const version = manifest.version.replace(/^v/, "");
    const program = join(node, "bin/node");
    const fails = version.startsWith("20.18.") ? { fails: /ERR_REQUIRE_ESM/ } : {};
    cases.push(
      { group: `Node ${version}`, name: "import", run: () => runAll(program, [], "import", "mjs") },
      {
        group: `Node ${version}`,
        name: "require()",
        run: () => runAll(program, [], "require", "cjs"),
        ...fails,
      },
    );
  }
  const others = [
    { group: "Bun", program: join(RUNTIMES, "@oven/bun-linux-x64/bin/bun"), flags: [] },
    {
      group: "Deno",
      program: join(RUNTIMES, "@deno/linux-x64-glibc/deno"),
      flags: ["run", "-A", "--no-lock"],
    },
  ];
  for (const { group, program, flags } of others) {
    cases.push(
      { group, name: "import", run: () => runAll(program, flags, "import", "mjs") },
      { group, name: "require()", run: () => runAll(program, flags, "require", "cjs") },
    );
  }
  return cases;

  async function runAll(
    program: string,
    flags: readonly string[],
    kind: string,
    extension: string,
  ): Promise<void> {
    await command(program, [...flags, `${kind}-all.${extension}`], { cwd: folder });
    const printed = await command(program, [...flags, `${kind}.${extension}`], { cwd: folder });
    if (printed.trim() !== "28 round trips") throw new Error(`Expected 28 round trips; got ${printed}`);
  }
}
