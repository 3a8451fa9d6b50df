import { execFileSync, spawnSync } from "node:child_process";

const BATCH = 10_000;
const PROGRAM = "packages/core/test/programs/go-differential.ts";

/** Compares so many random scripts with Go, in batches, each with a fresh seed. */
export function compareWithGo(scripts: number): void {
  if (spawnSync("go", ["version"]).status !== 0) {
    console.log("skipped: scripts compared with Go: go is not installed");
    return;
  }
  for (const kind of ["pipe", "io.Pipe"]) {
    for (let played = 0, steps = 0; played < scripts; ) {
      const batch = Math.min(BATCH, scripts - played);
      const seed = Date.now() % 2 ** 31;
      const args = ["--conditions=@pipe512/source", PROGRAM, String(batch), String(seed), kind];
      try {
        steps += Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
      } catch (error) {
        throw new Error(`Failed: node ${args.join(" ")}`, { cause: error });
      }
      played += batch;
      console.log(`${kind}: ${played} of ${scripts} scripts compared with Go, ${steps} steps, no difference`);
    }
  }
}
