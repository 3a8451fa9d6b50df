// Runs in a package's folder before npm packs it. It builds the package, and fails unless `dist` is exactly the output of
// `src`. `tsc -b` alone does not detect a deleted output, or an output whose source was deleted.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { buildProblems } from "./build-output.ts";

const build = (): void => void execFileSync("npm", ["run", "build", "--silent"], { stdio: ["ignore", 2, 2] });

build();
if (buildProblems(".").length > 0) {
  rmSync("dist", { recursive: true });
  build();
}
const problems = buildProblems(".");
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
