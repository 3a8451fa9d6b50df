import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** Runs the nth program of the README as a user would paste it, and returns the lines that it printed. */
async function paste(index: number): Promise<string[]> {
  const programs = [...readFileSync(`${PACKAGE}README.md`, "utf8").matchAll(/^```ts\n(.*?)^```/gms)];
  const flags = ["--conditions=@pipe512/source", "--input-type=module-typescript", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, programs[index]?.[1] ?? ""], {
    cwd: PACKAGE,
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return stdout.split("\n").filter((line) => line !== "");
}

// Red when: a program of the README prints something else.
test.for([
  ["the example", 0, ["hello, world"]],
  ["from a file to a slow sink", 1, ["saved 4 lines"]],
  ["from a fast source to a slow reader", 2, ["the last one was measurement 1000", "968 were dropped"]],
  [
    "two services, merged line by line, with retries",
    3,
    ["a: started", "b: started", "a: ready", "b: ready", "done after 3 attempts"],
  ],
] as const)("README.md: %s, prints what it says", async ([, index, lines]) => {
  expect((await paste(index)).toSorted()).toEqual(lines.toSorted());
});
