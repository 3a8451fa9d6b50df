import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Run, runs } from "./runs.ts";

const execute = promisify(execFile);

const missing = ["spin", "gcc"].filter((command) => !isInstalled(command));

describe.concurrent("the models of the protocol between threads", () => {
  // Red when: a model with a planted fault passes, or a correct model fails. Each planted fault was seen to be detected.
  test.for(runs.map((run) => [`${run.model} ${run.switches.join(" ")}`, run] as const))(
    "%s [SHARED-008]",
    { timeout: 120_000 },
    async ([, run], { skip }) => {
      skip(
        missing.length > 0,
        `not checked, since ${missing.join(" and ")} is missing: apt-get install spin gcc libc6-dev`,
      );
      const report = await check(run);
      expect(report).toMatch(/State-vector .* errors: \d/);
      expect(report).toMatch(run.isRight ? /errors: 0/ : /errors: 1/);
      // The search was complete: neither its depth nor its memory limited it.
      expect(report).not.toMatch(/max search depth too small|out of memory|resource limit/);
    },
  );
});

/** The output of `spin` for a model, after it has explored all states. */
async function check({ model, switches }: Run): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  try {
    const source = fileURLToPath(new URL(model, import.meta.url));
    await execute("spin", [...switches.map((name) => `-D${name}`), "-a", source], { cwd: folder });
    const isLiveness = switches.includes("LIVENESS");
    // Most searches take 0.2 s, and compiling them with optimisation takes 1 to 2 s longer.
    await execute("gcc", ["-O0", ...(isLiveness ? [] : ["-DSAFETY"]), "-o", "pan", "pan.c"], { cwd: folder });
    const search = isLiveness ? ["-a", "-f"] : [];
    return (await execute("./pan", ["-m1000000", ...search], { cwd: folder })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function isInstalled(command: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
