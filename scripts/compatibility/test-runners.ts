import { join } from "node:path";
import { command } from "../publishing/command.ts";
import type { Case } from "./case.ts";
import { TOOLS } from "./tools.ts";

const JEST = { testEnvironment: "node", transform: {}, testMatch: ["**/round-trips.test.mjs"] };

/** Tests that import the packages, in the users' test runners. */
export function testRunnerCases(folder: string): Case[] {
  const jest = (flags: readonly string[]): Promise<string> => {
    const args = [
      ...flags,
      join(TOOLS, "jest/bin/jest.js"),
      `--config=${JSON.stringify(JEST)}`,
      "--no-cache",
    ];
    return command(process.execPath, args, { cwd: folder });
  };
  return [
    { group: "Jest", name: "with --experimental-vm-modules", run: () => jest(["--experimental-vm-modules"]) },
    {
      group: "Jest",
      name: "without its flag",
      fails: /Cannot use import statement|Unexpected token|Must use import/,
      run: () => jest([]),
    },
    {
      group: "vitest",
      name: "with no configuration",
      run: () => {
        const args = [
          join(TOOLS, "vitest/vitest.mjs"),
          "run",
          "--globals",
          "--root",
          folder,
          "round-trips.test.mjs",
        ];
        return command(process.execPath, args, { cwd: folder });
      },
    },
  ];
}
