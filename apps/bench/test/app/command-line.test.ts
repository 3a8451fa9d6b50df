import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { usualReport } from "../../src/input.ts";
import { type Options, parseOptions } from "../../src/options.ts";
import { isLimited } from "../../src/plans.ts";
import { positions } from "../support/bytes.ts";
import { bench, Folder, start } from "../support/command-line.ts";

// End-to-end tests: each runs a process that starts other processes and measures them.
const SLOW = { timeout: 60_000 };
const FILE = positions(100_003);
const SHORT = ["--quick", "--rounds", "1"];

describe("npm start", () => {
  test("--help explains every option and every exit code", async () => {
    using folder = new Folder();
    const { code, stdout, stderr } = await bench(folder.path, ["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const word of [
      "--json",
      "--html",
      "--filter",
      "--scenario",
      "--quick",
      "--check",
      "--only",
      "--rounds",
      "--node",
      "--browser",
      "--subject",
      "--compare",
      "--list",
      "pick",
      "130",
    ]) {
      expect(stdout).toContain(word);
    }
  });

  test("--version prints the version", async () => {
    using folder = new Folder();
    expect(await bench(folder.path, ["--version"])).toEqual({ code: 0, stdout: "0.0.0\n", stderr: "" });
  });

  // Red when: an input error is found after the heading, or commander also prints its own message.
  test.each([
    [["missing.txt"], "no such file"],
    [["."], "it is a directory"],
    [["empty"], "it is empty"],
    [["full", "--json", "missing/result.json"], "Cannot write"],
    [["full", "--html", "missing/report.html"], "Cannot write"],
    [["full", "--compare", "missing.json"], "Cannot compare with"],
    [["full", "--compare", "full"], "it is not JSON"],
    [["full", "--jsn", "x"], "Did you mean --json?"],
    [["full", "--runtime", "netscape"], "Allowed choices are node20"],
    [["full", "--node", "./full"], "does not run as Node does"],
  ])(
    "%j fails in one line with exit code 2, before anything is measured",
    { concurrent: true, ...SLOW },
    async (args, reason) => {
      using folder = new Folder();
      folder.add("empty", "");
      folder.add("full", FILE);
      const { code, stdout, stderr } = await bench(folder.path, args);
      expect(stderr).toContain(reason);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stdout).toBe("");
      expect(code).toBe(2);
    },
  );

  // Red when: a chart or its label is missing, the page needs the network, a path is resolved against the folder npm changed to, or a unit or a version is left out of the JSON.
  test("compares on a file and writes all measurements as JSON", SLOW, async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const outputs = ["--json", "result.json", "--html", "report.html"];
    const args = ["file", ...outputs, ...SHORT, "--subject", "core try,PassThrough,memcpy"];
    const { code, stdout, stderr } = await bench(folder.path, args);
    expect(stderr).toMatch(/^Chunks of 512 B, \d+ s left$/m);
    expect(stdout).toMatch(/, load \d+\.\d on \d+ processors?$/m);
    expect(stdout).toContain("Chunks of 512 B, against PassThrough");
    expect(stdout).toMatch(
      /^On this machine, at 512 B: .* PassThrough, with 512 bytes of memory in place of 128 KiB\.$/m,
    );
    expect(stdout).toMatch(
      /^● try first, then await +PassThrough +bound, copy, timers +\d[\d.]*x (fast|slow)er /m,
    );
    expect(stdout).not.toContain("\u001B");
    expect(code).toBe(0);

    const html = readFileSync(join(folder.path, "report.html"), "utf8");
    expect(stdout).toContain(join(folder.path, "report.html"));
    expect(html.match(/class="dots"/g)).toHaveLength(2);
    expect(html.match(/aria-label="[^"]+" role="img" class="lines-chart"/g)).toHaveLength(2);
    expect(html).toContain("● try first, then await</th>");
    expect(html.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:|<script|<link/);

    const json = JSON.parse(readFileSync(join(folder.path, "result.json"), "utf8"));
    expect(json).toMatchObject({
      format: "pipe512-bench-2",
      kind: "comparison",
      interrupted: false,
      versions: { node: process.versions.node, v8: process.versions.v8 },
      file: { name: "file", bytes: FILE.length, sha256: sha256(FILE) },
      settings: {
        chunkSizesBytes: [512, 65_536],
        rounds: 1,
        implementations: ["core try…", "PassThrough", "memcpy"],
      },
    });
    const { files, transfers, stalls, timers } = json.series;
    expect(files).toHaveLength(3);
    for (const { arrived } of files.flatMap(samplesOf)) {
      expect(arrived.map((arrival: { sha256: string }) => arrival.sha256)).toEqual([
        sha256(FILE),
        sha256(FILE),
      ]);
    }
    expect(transfers).toHaveLength(6);
    for (const { cost, unit } of transfers.flatMap(samplesOf)) {
      expect(cost).toBeGreaterThan(0);
      expect(unit).toBe("ns/chunk");
    }
    const [ours, theirs] = stalls.flatMap(samplesOf);
    expect(ours.accepted).toEqual([
      { chunkBytes: 512, acceptedBytes: 512, bounded: true },
      { chunkBytes: 65_536, acceptedBytes: 512, bounded: true },
    ]);
    expect(theirs.accepted[1].acceptedBytes).toBeGreaterThanOrEqual(65_536);
    const [ourTimer, theirTimer] = timers.flatMap(samplesOf);
    expect(ourTimer.fired).toBeGreaterThan(0);
    expect(theirTimer.fired).toBe(0);
  });

  // Red when: the hash of the delivered bytes is not compared with that of the file, the bench waits for a process that
  // has ended, or the last output of that process is lost.
  test(
    "says who delivered other bytes or crashed, goes on with the others, and exits with 1",
    SLOW,
    async () => {
      using folder = new Folder();
      folder.add("file", FILE);
      const node = folder.addNode(`case "$*" in
      *'"TransformStream"'*) printf 'throw new Error("out of order")\nError: out of order\n' >&2; exit 3;;
      *'"PassThrough"'*'"file"'*)
        echo '{"ready":"it is"}'; read request
        echo '{"arrived":[{"chunkBytes":512,"bytes":100003,"sha256":"f00"}]}'; read end; exit;;
      esac`);
      const outputs = ["--html", "report.html", "--node", node];
      const args = ["file", ...outputs, ...SHORT, "--subject", "core await,PassThrough,TransformStream"];
      const { code, stdout } = await bench(folder.path, args);
      expect(stdout).toContain(
        "PassThrough failed (file): The bytes that arrived differ from those sent, in chunks of 512 B",
      );
      expect(stdout).toContain(
        "TransformStream failed (transfer, 512 B): Ended with exit code 3: Error: out of order",
      );
      expect(stdout).toMatch(/await every write\(\) .* ok\n/);
      expect(code).toBe(1);
    },
  );

  // Red when: the pipe of a stalled reader becomes unreachable, and is reported as lost.
  test("keeps the pipes of a reader that stalls, however often garbage is collected", SLOW, async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const collecting = folder.add("collecting.cjs", "setInterval(() => globalThis.gc?.(), 2).unref();");
    const node = folder.addNode(`exec "${process.execPath}" --require "${collecting}" "$@"`);
    const outputs = ["--html", "report.html", "--node", node];
    const args = ["file", ...outputs, ...SHORT, "--scenario", "stall", "--subject", "Web pipeStream"];
    const { code, stdout } = await bench(folder.path, args);
    expect(stdout).toMatch(/^● Web stream in and out +65,536$/m);
    expect(code).toBe(0);
  });

  // Red when: a missing compiler is a failure, or is reported only above the tables.
  test("without Go, marks its cells, says so in a line, and exits with 0", SLOW, async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const outputs = ["--html", "report.html", "--scenario", "transfer"];
    const args = ["file", ...outputs, ...SHORT, "--subject", "core await,Go io.Pipe"];
    const { code, stdout } = await bench(folder.path, args, { PATH: folder.path });
    expect(stdout).toMatch(/^Go io\.Pipe takes no part: No Go on PATH: install it .*$/m);
    expect(stdout.match(/^ {2}Go io\.Pipe +takes no part/gm)).toHaveLength(2);
    expect(code).toBe(0);
  });

  // Red when: an interrupted implementation counts as failed, its measurements are lost, or they replace a full report.
  test(
    "interrupted, shows and writes what it has, ends its implementations, and exits with 130",
    SLOW,
    async () => {
      using folder = new Folder();
      folder.add("file", FILE);
      const node = folder.addNode(`echo $$ >> "${join(folder.path, "pids")}"`);
      folder.add("report.html", "the last full report");
      const outputs = ["--json", "result.json", "--html", "report.html", "--node", node];
      const args = ["file", ...outputs, "--subject", "core await,PassThrough"];
      const { child, ending } = start(folder.path, args);
      await said(child.stderr, "Chunks of 64 B");
      await sleep(300);
      child.kill("SIGINT");
      const { code, stdout } = await ending;
      expect(code).toBe(130);
      expect(stdout).toContain("Interrupted");
      expect(stdout).not.toContain("failed");
      expect(stdout).toMatch(/await every write\(\) .* ok\n/);
      expect(JSON.parse(readFileSync(join(folder.path, "result.json"), "utf8")).interrupted).toBe(true);
      expect(readFileSync(join(folder.path, "report.html"), "utf8")).toBe("the last full report");
      expect(readFileSync(join(folder.path, "report.interrupted.html"), "utf8")).toContain("Interrupted");
      const pids = readFileSync(join(folder.path, "pids"), "utf8").trim().split("\n").map(Number);
      expect(pids.length).toBeGreaterThan(2);
      expect(pids.filter(isAlive)).toEqual([]);
    },
  );

  // Red when: an installed runtime cannot run an implementation, or a missing runtime is not named.
  test.for(["bun", "deno"])(
    "--runtime %s measures with it, or says how to install it",
    SLOW,
    async (name) => {
      using folder = new Folder();
      folder.add("file", FILE);
      const args = ["file", ...SHORT, "--html", "report.html", "--runtime", name];
      const shortened = [...args, "--scenario", "transfer", "--subject", "core await,TransformStream"];
      const { code, stdout, stderr } = await bench(folder.path, shortened);
      if (code === 2) {
        expect(stderr).toBe(
          `Cannot measure with ${name}: it is not installed; run npm run test:runtimes to install it\n`,
        );
        return;
      }
      expect(stdout).toMatch(new RegExp(`^${name.slice(0, 3)}`, "im"));
      expect(stdout).toMatch(/await every write\(\) +[\d.,]+/);
      expect(code).toBe(0);
    },
  );

  // Red when: a partial run replaces the last full report.
  test("a limited run has its own report", () => {
    expect(usualReport(true)).not.toBe(usualReport(false));
    const limited = [["--quick"], ["--filter", "web"], ["--scenario", "file"], ["--rounds", "9"]];
    const options = [[], ...limited].map((args) => parseOptions(args) as Options);
    expect(options.map(isLimited)).toEqual([false, true, true, true, true]);
  });

  // Red when: a missed target counts as met.
  test("--check exits with 1 if a target is missed", SLOW, async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const node = folder.addNode(`case "$*" in
      *'"RxJS readEach"'*'"transfer"'*)
        echo '{"ready":"it is"}'; read request; echo '{}'; read request
        echo '{"cost":1e9,"unit":"ns/chunk","steps":1,"elapsedNs":1e9}'; read end; exit;;
      *'"peak-memory"'*)
        echo '{"error":"It takes no part: it takes long"}'; exit;;
      esac`);
    const args = ["file", "--check", "--only", "PERF-25", "--quick", "--rounds", "1", "--node", node];
    const { code, stdout } = await bench(folder.path, args);
    expect(stdout).toContain("4 targets: 0 met, 0 within noise, 3 missed, 1 not measured");
    expect(code).toBe(1);
  });

  // Red when: a target that could not be measured counts as met.
  test("--check exits with 1 if a target cannot be measured, and says why", SLOW, async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const args = ["file", "--check", "--only", "PERF-06", "--quick", "--rounds", "1"];
    const { code, stdout } = await bench(folder.path, args, { PATH: folder.path });
    expect(stdout).toContain("install it from https://go.dev/dl/");
    expect(stdout).toContain("0 met, 0 within noise, 0 missed, 2 not measured");
    expect(code).toBe(1);
  });
});

function samplesOf({ samples }: { samples: never[] }): never[] {
  return samples;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function said(stream: NodeJS.ReadableStream, words: string): Promise<void> {
  await new Promise<void>((resolve) => {
    let heard = "";
    stream.on("data", (text: Buffer) => {
      heard += text.toString();
      if (heard.includes(words)) resolve();
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
