import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { reportDeadlocks } from "@pipe512/node";
import { describe, expect, test } from "vitest";

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of `programs`, by default with the preload, and masks times and paths in its output. */
function run(program: string, { args = [], preload = true }: { args?: string[]; preload?: boolean } = {}) {
  const file = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  const flags = [
    "--conditions=@pipe512/source",
    ...(preload ? ["--import", "@pipe512/node/report-deadlocks"] : []),
  ];
  return new Promise<Ending>((resolve) => {
    execFile(
      process.execPath,
      [...flags, file, ...args],
      {
        timeout: 20_000,
        env: { ...process.env, NODE_OPTIONS: "" },
        cwd: fileURLToPath(new URL("..", import.meta.url)),
      },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr: masked(stderr) }),
    );
  });
}

const masked = (text: string): string =>
  text.replaceAll(/file:\/\/.*\/programs\//g, "file:///app/").replaceAll(/waited \d+ ms/g, "waited 2 ms");

/** The transcripts of the README, by program. */
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const transcripts = new Map(
  Array.from(
    readme.matchAll(/^```text\n\$ node [^\n]* (\S+)\n(.*?)^```/gms),
    ([, program = "", text = ""]) => [program, text],
  ),
);

describe("--import @pipe512/node/report-deadlocks", () => {
  // Red when: the operation is not listed, or with other words or numbers.
  test.for(["one-flow.ts", "forgotten-close.ts"])(
    "lists pending operations when %s ends, as the README shows",
    async (program) => {
      const { code, stdout, stderr } = await run(program);
      expect(stderr).toBe(transcripts.get(program));
      expect(stdout).toBe("");
      expect(code).toBe(1);
    },
  );

  // Red when: Node's own 13 stays.
  test("lists pending operations under a top-level await, as the README shows", async () => {
    const { code, stderr } = await run("top-level-await.ts");
    expect(stderr).toMatch(/^Warning: Detected unsettled top-level await/);
    expect(stderr.slice(stderr.indexOf("pipe512:"))).toBe(transcripts.get("top-level-await.ts"));
    expect(code).toBe(1);
  });

  // Red when: a pipe that is used correctly is reported.
  test("prints nothing for a program that ends normally", async () => {
    expect(await run("proper-ends.ts")).toEqual({ code: 0, stdout: "1200\none\ntwo\n", stderr: "" });
  });
});

describe("reportDeadlocks()", () => {
  // Red when: every end of a process counts as a deadlock, or a code of the program is replaced.
  test.for([
    ["nothing else to do", 1, true],
    ["another code", 3, true],
    ["no code", 0, true],
    ["its own code", 5, true],
    ["process.exit()", 0, false],
    ["more to do", 0, false],
    ["more to do, then process.exit()", 0, false],
    ["stopped", 0, false],
  ] as const)("reportDeadlocks() in a process with %s", async ([how, code, reported]) => {
    const ending = await run("deadlock-options.ts", { args: [how], preload: false });
    expect(ending.code).toBe(code);
    if (reported)
      expect(ending.stderr).toMatch(/^pipe512: deadlock: .* 1 operation is pending\n\npipe 1 "xxx": /);
    else expect(ending.stderr).toBe("");
    expect(ending.stdout).toBe(how === "more to do" ? "done\n" : "");
  });

  // Red when: an uncaught error is followed by a report.
  test("reportDeadlocks() does not affect a process that an error ends", async () => {
    const { code, stderr } = await run("deadlock-options.ts", { args: ["an error"], preload: false });
    expect(stderr).toContain("of its own");
    expect(stderr).not.toContain("pipe512");
    expect(code).toBe(1);
  });

  // Red when: the report still goes to stderr.
  test("reportDeadlocks({ print }) gets the report instead of stderr", async () => {
    const ending = await run("deadlock-options.ts", { args: ["printed"], preload: false });
    expect(ending).toEqual({ code: 1, stdout: "1 1\n", stderr: "" });
  });

  // Red when: a listener stays.
  test("reportDeadlocks() leaves no listener when it is stopped", () => {
    const counts = (): number[] => ["beforeExit", "exit"].map((event) => process.listenerCount(event));
    const before = counts();
    const reporting = reportDeadlocks();
    expect(counts()).toEqual(before.map((count) => count + 1));
    reporting[Symbol.dispose]();
    expect(counts()).toEqual(before);
  });

  // Red when: a wrong option is detected only when the process ends.
  test("reportDeadlocks() throws for wrong options", () => {
    expect(() => reportDeadlocks({ exitCode: 256 })).toThrow(
      new RangeError("exitCode must be an integer from 0 to 255; got 256"),
    );
    expect(() => reportDeadlocks({ print: "no" as never })).toThrow(
      new TypeError('print must be a function; got the string "no"'),
    );
  });
});
