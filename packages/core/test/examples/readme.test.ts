import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const CORE = new URL("../../", import.meta.url);
const LINES = ["line 0", "line 1", "line 2", "line 3", "line 4"];

/** Runs the nth program of a README as a user would paste it, and returns the lines that it printed. */
async function paste(readme: string, index: number): Promise<string[]> {
  const programs = [...readFileSync(new URL(readme, CORE), "utf8").matchAll(/^```ts\n(.*?)^```/gms)];
  const flags = ["--conditions=@pipe512/source", "--input-type=module-typescript", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, programs[index]?.[1] ?? ""], {
    cwd: CORE,
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return stdout.split("\n").filter((line) => line !== "");
}

test.for([
  ["README.md", 0, ["hello"]],
  ["README.md", 1, LINES],
  ["README.md", 2, ["ready"]],
  ["README.md", 4, ["24"]],
  ["README.md", 5, ["stalled: upload write 700", "512 bytes wait to be read"]],
  ["README.md", 3, ["hello from a thread"]],
  ["../../README.md", 0, LINES],
] as const)("%s, program %i, does what it says", async ([readme, index, lines]) => {
  expect(await paste(readme, index)).toEqual(lines);
});
