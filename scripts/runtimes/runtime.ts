import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Outcome, readReport } from "./report.ts";

/** One JavaScript runtime, and how its own test runner is asked for a JUnit report. */
export interface Runtime {
  readonly name: string;
  /** The program, below the folder that the runtimes are installed in. */
  readonly program: string;
  readonly args: (files: readonly string[], report: string) => readonly string[];
}

/** What came of some tests in one runtime. */
export interface Trial extends Outcome {
  /** Why its test runner did not end well, where no test is to blame. */
  readonly trouble: string | undefined;
}

/** Many times what any suite needs: a suite that hangs fails, and holds nothing up for long. */
const TIMEOUT_MS = 120_000;

const bunGc = fileURLToPath(new URL("./bun-gc.mjs", import.meta.url));

const node = (major: number): Runtime => ({
  name: `node${major}`,
  program: `node${major}/bin/node`,
  args: (files, report) => [
    "--expose-gc",
    "--test",
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    ...files,
  ],
});

export const runtimes: readonly Runtime[] = [
  node(20),
  node(22),
  node(24),
  node(26),
  {
    name: "bun",
    program: "@oven/bun-linux-x64/bin/bun",
    args: (files, report) => [
      "test",
      `--preload=${bunGc}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files,
    ],
  },
  {
    name: "deno",
    program: "@deno/linux-x64-glibc/deno",
    args: (files, report) => [
      "test",
      "--allow-all",
      "--no-check",
      "--no-lock",
      "--v8-flags=--expose-gc",
      `--junit-path=${report}`,
      ...files,
    ],
  },
];

/** Runs test files in a runtime that is installed in `folder`. Its report goes to the file `report`. */
export function run(
  { program, args }: Runtime,
  folder: string,
  files: readonly string[],
  report: string,
): Promise<Trial> {
  const options = {
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL" as const,
    maxBuffer: 2 ** 26,
    // What is set for the Node that runs this is not meant for another runtime.
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
  };
  return new Promise((resolve) => {
    execFile(`${folder}/${program}`, args(files, report), options, (error, stdout, stderr) => {
      const outcome = readReport(report);
      const count = outcome.passed.length + outcome.skipped.length + outcome.failed.length;
      // Node makes a failed test of a file that does not get as far as its tests; what was wrong it only prints.
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
