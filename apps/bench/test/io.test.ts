import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contests } from "../src/io/contests.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipe512-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

// Red when: an implementation omits a line, or stops early; or returns before it has finished.
test.each(contests.map((contest) => [contest.name, contest] as const))(
  "all implementations do the same work: %s",
  { timeout: 60_000 },
  async (_, { implementations }) => {
    const file = join(folder, "lines.txt");
    await writeFile(
      file,
      Array.from({ length: 30_000 }, (_line, n) => `line ${n} ${"x".repeat(n % 90)}\n`).join(""),
    );
    const units = [];
    for (const implementation of implementations)
      units.push(await implementation.run(file, join(folder, "output")));
    expect(units[0]).toBeGreaterThan(1);
    expect(new Set(units).size).toBe(1);
  },
);

// Red when: a round does not find its implementation; or the temporary files of a run are not removed.
test("the program prints a table of each contest that was asked for", { timeout: 60_000 }, async () => {
  const main = fileURLToPath(new URL("../src/io/main.ts", import.meta.url));
  const flags = ["--conditions=@pipe512/source", main, "1", "1", "copy"];
  const env = { ...process.env, NODE_OPTIONS: "", TMPDIR: folder };
  const { stdout } = await promisify(execFile)(process.execPath, flags, { env });
  for (const name of ["copy()", "pipeTo()", "stream.pipeline()"]) expect(stdout).toContain(name);
  expect(stdout).not.toContain("readline");
  expect(await readdir(folder)).toEqual([]);
});
