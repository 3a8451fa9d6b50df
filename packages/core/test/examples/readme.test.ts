import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const CORE = new URL("../../", import.meta.url);
const LINES = ["line 0", "line 1", "line 2", "line 3", "line 4"];

/** Runs the nth program of a README as a user would, from a file, and returns the lines that it printed. */
async function paste(readme: string, index: number): Promise<string[]> {
  const programs = [...readFileSync(new URL(readme, CORE), "utf8").matchAll(/^```ts\n(.*?)^```/gms)];
  const folder = mkdtempSync(join(fileURLToPath(CORE), "test/examples/readme-"));
  const file = join(folder, "program.mts");
  try {
    writeFileSync(file, programs[index]?.[1] ?? "");
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@pipe512/source", file], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    return stdout.split("\n").filter((line) => line !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.for([
  ["README.md", 0, ["hello"]],
  ["README.md", 1, LINES],
  ["README.md", 2, ["body", " and more"]],
  ["README.md", 3, ["ready"]],
  ["README.md", 5, ["24"]],
  ["README.md", 6, ["stalled: upload write 700", "512 bytes wait to be read"]],
  ["README.md", 4, ["hello from a thread"]],
  ["../../README.md", 0, ["line 1", "line 2", "line 3"]],
] as const)("%s, program %i, does what it says", async ([readme, index, lines]) => {
  expect(await paste(readme, index)).toEqual(lines);
});
