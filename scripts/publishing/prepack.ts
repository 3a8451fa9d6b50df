// Runs before npm packs a package, in its folder: builds it, and fails unless `dist` is exactly what `src` makes.
// `tsc -b` alone notices neither an output that was deleted nor one whose source was.
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
