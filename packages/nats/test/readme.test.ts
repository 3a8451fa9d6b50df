import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { test } from "./support/nats.ts";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const programs = Array.from(
  readFileSync(`${PACKAGE}README.md`, "utf8").matchAll(/^```ts\n(.*?)^```/gms),
  ([, text = ""]) => text,
);

// Red when: a program of the README changes its behaviour.
test("README.md: the two programs at the beginning do what the README says", { timeout: 60_000 }, async ({
  machines,
}) => {
  const run = (text: string | undefined): Promise<string> => {
    const flags = ["--conditions=@pipe512/source", "--input-type=module-typescript", "--eval", text ?? ""];
    const child = spawn(process.execPath, flags, {
      cwd: PACKAGE,
      env: { ...process.env, NODE_OPTIONS: "", NATS: `127.0.0.1:${machines.server.port}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
    });
    return new Promise((resolve) => child.once("exit", (code) => resolve(`${output}${code}`)));
  };
  expect(await Promise.all([run(programs[0]), run(programs[1])])).toEqual(["0", "id,total\n1,12.50\n0"]);
});
