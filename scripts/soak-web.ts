// Random operations over every conversion of the Web package, 100,000 sequences each. PIPE512_RUNS is another number, PIPE512_SEED another seed; a failure
// names the seed and the path with which it is seen again.
import { execFileSync } from "node:child_process";

const { PIPE512_RUNS = "100000" } = process.env;

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", "web", "packages/web/test/random"];
execFileSync(process.execPath, vitest, { stdio: "inherit", env: { ...process.env, PIPE512_RUNS } });
console.log(`${PIPE512_RUNS} random sequences for each Web conversion, every byte in its place`);
