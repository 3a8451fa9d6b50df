import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { BrowserRuntime } from "../../src/browser/browser.ts";
import { chromiumLaunchOptions } from "../../src/browser/chromium.ts";
import type { CostSample } from "../../src/scenarios/scenario.ts";
import { positions } from "../support/bytes.ts";
import { bench, Folder, start } from "../support/command-line.ts";

const SLOW = { timeout: 60_000 };
const FILE = positions(100_003);
const QUICK = ["file", "--browser", "--quick", "--rounds", "1", "--html", "report.html"];

// Red when: a missing browser is reported late, or by the message of Playwright.
test("npm start -- --browser says how to install Chromium if it is missing", async () => {
  using folder = new Folder();
  folder.add("file", FILE);
  const nowhere = { PATH: folder.path, PLAYWRIGHT_BROWSERS_PATH: folder.path };
  expect(await bench(folder.path, QUICK, nowhere)).toEqual({
    code: 2,
    stdout: "",
    stderr: "Cannot measure in Chromium: it is not installed; run npm run setup:browsers to install it\n",
  });
});

describe("npm start -- --browser", SLOW, () => {
  beforeEach(({ skip }) =>
    skip(chromiumLaunchOptions() === undefined, "needs Chromium: npm run setup:browsers"),
  );

  // Red when: a scenario requires Node, bytes are lost between the page and Node, or a missing implementation is not reported.
  test("compares in Chromium the implementations that do not need Node, in every scenario", async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const scenario = "file,transfer,ping-pong,first-byte,slow-writer,slow-reader,stall,timer,cancel";
    const whom = [
      "--subject",
      "core await,bare Readable,PassThrough",
      "--scenario",
      scenario,
      "--json",
      "result.json",
    ];
    const { code, stdout } = await bench(folder.path, [...QUICK, ...whom]);
    expect(stdout).toMatch(/^Chromium \d+\./m);
    expect(stdout).toContain("PassThrough, bare Readable take no part: no browser has node:stream\n");
    expect(stdout).not.toContain("failed (");
    expect(stdout).toMatch(/await every write\(\) .* ok\n/);
    expect(code).toBe(0);
    const { versions, series } = JSON.parse(readFileSync(join(folder.path, "result.json"), "utf8"));
    expect(versions.runtime).toMatch(/^Chromium \d+\./);
    expect(series.transfers).toHaveLength(2);
    expect(series.costs).toHaveLength(4);
    expect(series.stalls[0].samples[0].accepted[1]).toEqual({
      chunkBytes: 65_536,
      acceptedBytes: 512,
      bounded: true,
    });
    expect(series.cancels[0].samples[0]).toMatchObject({ writer: "failed", unhandled: 0 });
  });

  // Red when: a target is measured in Node, or compared with the limit of Node.
  test("--check measures targets in Chromium, against its own limits", async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const args = ["file", "--browser", "--check", "--only", "PERF-22", "--quick", "--rounds", "1"];
    const { stdout } = await bench(folder.path, args);
    expect(stdout).toMatch(/^PERF-22 +16 B, pipeStream .* 1\.20x slower /m);
    expect(stdout).toContain("0 not measured");
  });

  // Red when: Playwright itself ends the run, or the browser process continues after it.
  test("after an interruption, shows the results so far and exits with 130", async () => {
    using folder = new Folder();
    folder.add("file", FILE);
    const { child, ending } = start(folder.path, [...QUICK, "--subject", "core await,TransformStream"]);
    child.stderr.on("data", (text: Buffer) => {
      if (text.includes("Chunks of 512 B")) child.kill("SIGINT");
    });
    const { code, stdout } = await ending;
    expect(stdout).toContain("Interrupted");
    expect(stdout).not.toContain("failed");
    expect(code).toBe(130);
  });

  // Red when: a page that blocks its own event loop also blocks its parent or another page.
  test("ends a page that hangs, and continues with the others", async () => {
    using folder = new Folder();
    const file = folder.add("file", FILE);
    await using chromium = await BrowserRuntime.start(file, new AbortController().signal, [], true);
    const measurer = (implementation: string) =>
      chromium.measurer(
        { implementation, scenario: "transfer", file, parameters: { chunkBytes: 512 } },
        10_000,
      );
    const [hanging, other] = await Promise.all([measurer("TransformStream"), measurer("core await")]);
    await hanging.ask({ warmUpMs: 20 }, 10_000);
    await expect(hanging.ask({ measureMs: 60_000 }, 200)).rejects.toThrow("No answer within 0.2 s");
    await other.ask({ warmUpMs: 20 }, 10_000);
    expect((await other.ask<CostSample>({ measureMs: 20 }, 10_000)).steps).toBeGreaterThan(0);
    await hanging.end();
    await other.end();
  });
});
