import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bench, Folder, start } from "../support/command-line.ts";

const PROGRAMS = fileURLToPath(new URL("../programs/", import.meta.url));

/** Runs the doctor in the folder of the scripts, and masks the times. */
async function examine(...args: string[]) {
  const { code, stdout, stderr } = await bench(PROGRAMS, ["doctor", ...args]);
  return { code, stdout: masked(stdout), stderr };
}

/** Times, with the spaces before them that align a column, and the locations of files. */
const masked = (text: string): string =>
  text.replaceAll(/ +\d+(\.\d+)? m?s\b/g, " 2 ms").replaceAll(/file:\S+\//g, "");

describe("npm start -- doctor", { timeout: 20_000 }, () => {
  // Red when: operations that wait when the script ends are not reported, or with other texts or numbers.
  test("shows the waiting operations when a hanging script ends", async () => {
    const { code, stdout } = await examine("one-flow.mjs");
    expect(stdout).toBe(
      [
        "one-flow.mjs ended with code 0, having made 1 pipe",
        "",
        "   found     pipe      in the ring  written  read  writer  reader  waits since",
        "1  deadlock  greeting        512 B    512 B   0 B  open    open 2 ms",
        "",
        "1  write of 1200 bytes has waited 2 ms for 688 bytes of room; the reader has never read: are both ends used in one async function?",
        "   made at main (one-flow.mjs:6:30)",
        "",
      ].join("\n"),
    );
    expect(code).toBe(1);
  });

  // Red when: a proper end counts as a finding; or the script receives the doctor's options, or lacks its own arguments.
  test("finds nothing in a correct script, and returns its exit code", async () => {
    const { code, stdout } = await examine("--limit", "60", "proper-end.mjs", "--limit");
    expect(stdout).toMatch(
      /^200 lines for --limit\nproper-end.mjs ended with code 3, having made 1 pipe\nNothing found/,
    );
    expect(code).toBe(3);
  });

  // Red when: garbage is not collected before the end; or a collected end is not reported.
  test("shows an end that was collected without close()", async () => {
    const { code, stdout } = await examine("lost-end.mjs");
    expect(stdout).toContain("1  leak   forgotten         12 B     12 B   0 B  open    open");
    expect(stdout).toContain(
      "the writer was garbage-collected without close(): after 12 bytes reads reject with an",
    );
    expect(code).toBe(1);
  });

  // Red when: stalls are reported only at the end, or twice; or the script is not ended.
  test("reports a stall when it happens, and ends a script that does not end itself", async () => {
    const { code, stdout, stderr } = await examine(
      "--stall-after",
      "0.05",
      "--limit",
      "2.5",
      "server.mjs",
      "8080",
    );
    expect(stderr).toMatch(/^Stall in upload: write of 700 bytes has waited /m);
    expect(stdout).toMatch(/^listening on 8080\nserver.mjs was ended, having made 1 pipe\n/);
    expect(stdout).toContain("1  waits  upload        512 B    512 B   0 B  open    open 2 ms");
    expect(stdout).not.toContain("stall");
    expect(code).toBe(1);
  });

  // Red when: the interruption ends the doctor before its report.
  test("shows the waiting operations when it is interrupted", async () => {
    const { child, ending } = start(PROGRAMS, ["doctor", "server.mjs", "8080"]);
    child.stdout.once("data", () => child.kill("SIGINT"));
    const { code, stdout } = await ending;
    expect(stdout).toContain("1  waits  upload");
    expect(code).toBe(1);
  });

  // Red when: the error of a pipe that ends the script is not reported; the doctor exits with 0; or more than one frame is named.
  test.for([
    [
      "abandoned.mjs",
      1,
      /error +upload .*open +lost/,
      "garbage-collected without close()",
      "abandoned.mjs:5:20",
    ],
    ["rejected.mjs", 1, /error +copy .*open +failed/, "The copy has failed", "rejected.mjs:5:28"],
  ] as const)(
    "shows the error of a pipe of which %s died, and gives its exit code",
    async ([script, exit, row, words, place]) => {
      const { code, stdout } = await examine(script);
      expect(stdout).toContain(`${script} ended with code ${exit}`);
      expect(stdout).toMatch(row);
      expect(stdout).toContain(words);
      expect(stdout).toMatch(new RegExp(`^1 .*\n   made at ${place}$`, "m"));
      expect(stdout).not.toContain("Nothing found");
      expect(code).toBe(exit);
    },
  );

  // Red when: each end is reported separately; ends that are lost when process.exit() is called are not found; or the frame is inside the package.
  test("counts ends that were lost at the same place, also where the script exits at once", async () => {
    const { code, stdout } = await examine("leaks.mjs");
    expect(stdout).toMatch(/^1 +leak ×40 +report /m);
    expect(stdout).toMatch(/^1 {2}40 times: .*\n {3}made at open \(leaks\.mjs:6:10\)\n$/m);
    expect(stdout).not.toMatch(/^2 /m);
    expect(code).toBe(1);
  });

  // Red when: an invalid script is run, or rejected with the message of Node.
  test.for([
    [[], "Missing required argument 'file'"],
    [["missing.mjs"], "there is no such file or folder"],
    [["."], "it is not a file; give the path of a script"],
    [["--limt", "1", "one-flow.mjs"], "Did you mean --limit?"],
    [["--limit", "soon", "one-flow.mjs"], "Give a number of seconds"],
  ] as const)("rejects %j in one line, with exit code 2", async ([args, reason]) => {
    const { code, stdout, stderr } = await examine(...args);
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([code, stdout]).toEqual([2, ""]);
  });

  // Red when: an option or an exit code is missing.
  test("--help explains its options and exit codes, and is named by that of the bench", async () => {
    using folder = new Folder();
    const { code, stdout } = await bench(folder.path, ["doctor", "--help"]);
    for (const word of [
      "--stall-after",
      "--limit",
      "that of the script where it is not 0; else 0 nothing found, 1 something found, 2 usage",
    ]) {
      expect(stdout).toContain(word);
    }
    expect(code).toBe(0);
    expect((await bench(folder.path, ["--help"])).stdout).toContain("doctor --help");
  });
});
