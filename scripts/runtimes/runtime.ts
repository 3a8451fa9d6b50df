import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Outcome, readReport } from "./report.ts";

/** One JavaScript runtime, and the arguments that make its test runner write a JUnit report. */
export interface Runtime {
  readonly name: string;
  readonly program: string;
  readonly args: (files: readonly string[], report: string) => readonly string[];
}

/** The outcome of some tests in one runtime. */
export interface Trial extends Outcome {
  /** Why the test runner failed, if no test caused it. */
  readonly trouble: string | undefined;
}

/** A limit far above what any suite needs, so that a suite that hangs fails. */
const TIMEOUT_MS = 120_000;

const bunGc = fileURLToPath(new URL("./bun-gc.mjs", import.meta.url));

type Arguments = Runtime["args"];

const node: Arguments = (files, report) => [
  "--expose-gc",
  "--test",
  "--test-reporter=junit",
  `--test-reporter-destination=${report}`,
  "--test-reporter=spec",
  "--test-reporter-destination=stdout",
  ...files,
];
const bun: Arguments = (files, report) => [
  "test",
  `--preload=${bunGc}`,
  "--reporter=junit",
  `--reporter-outfile=${report}`,
  ...files,
];
const deno: Arguments = (files, report) => [
  "test",
  "--allow-all",
  "--no-check",
  "--no-lock",
  "--v8-flags=--expose-gc",
  `--junit-path=${report}`,
  ...files,
];

/** The folder with the installed runtimes. */
export const FOLDER = "tools/runtimes";

/** The runtimes that are installed in {@link FOLDER}. */
export const runtimes: readonly Runtime[] = [
  ...[20, 22, 24, 26].map((major) => ({
    name: `node${major}`,
    program: `${FOLDER}/node_modules/node${major}/bin/node`,
    args: node,
  })),
  { name: "bun", program: `${FOLDER}/node_modules/@oven/bun-linux-x64/bin/bun`, args: bun },
  { name: "deno", program: `${FOLDER}/node_modules/@deno/linux-x64-glibc/deno`, args: deno },
];

/** Every Node, Bun and Deno on the PATH, one of each version. */
export function runtimesOnPath(): Runtime[] {
  const found = new Map<string, Runtime>();
  const suffix = process.platform === "win32" ? ".exe" : "";
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const [kind, args] of Object.entries({ node, bun, deno })) {
      const program = join(folder, kind + suffix);
      if (!existsSync(program)) continue;
      const [version = ""] =
        /\d+\.\d+\.\d+/.exec(execFileSync(program, ["--version"], { encoding: "utf8" })) ?? [];
      const name = `${kind} ${version}`;
      if (!found.has(name)) found.set(name, { name, program, args });
    }
  }
  return [...found.values()];
}

/** Runs test files in a runtime. Its report goes to the file `report`. */
export function run({ program, args }: Runtime, files: readonly string[], report: string): Promise<Trial> {
  const options = {
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL" as const,
    maxBuffer: 2 ** 26,
    // The settings of the Node that runs this do not apply to another runtime.
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
  };
  return new Promise((resolve) => {
    execFile(program, args(files, report), options, (error, stdout, stderr) => {
      const outcome = readReport(report);
      const count = outcome.passed.length + outcome.skipped.length + outcome.failed.length;
      // If a file fails before its tests, Node reports one failed test for the file and only prints the cause.
      const crashed = outcome.failed.every(({ title }) => title.endsWith(".mjs"));
      let trouble: string | undefined;
      if (error?.killed === true) trouble = `did not end within ${TIMEOUT_MS / 1000} s`;
      else if (error !== null && crashed) trouble = `ended with ${error.code}`;
      else if (count === 0) trouble = "ran no test";
      const printed = `${stdout}${stderr}`.trimEnd().split("\n").slice(-30).join("\n");
      resolve({ ...outcome, trouble: trouble && `${trouble}\n${printed}` });
    });
  });
}
