import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumLaunchOptions } from "../src/browser/chromium.ts";
import { comparisonHtml } from "../src/report/html.ts";
import type { Comparison } from "../src/runner/comparison.ts";
import { findNode } from "../src/runner/runtimes.ts";
import { violations } from "./support/accessibility.ts";
import { Folder } from "./support/command-line.ts";

const launchOptions = chromiumLaunchOptions();
const MISSING = "needs Chromium: npm run setup:browsers";
const results = new URL("../results/comparison.json", import.meta.url);
const screenshots = fileURLToPath(new URL("../reports/screenshots/", import.meta.url));

describe("The report in Chromium", { timeout: 30_000 }, () => {
  const folder = new Folder();
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    if (launchOptions === undefined) return;
    const { startedAt, file, series } = JSON.parse(readFileSync(results, "utf8"));
    const input = { path: file.name, bytes: file.bytes, sha256: file.sha256 };
    const runtimes = { node: await findNode(process.execPath), go: "", c: "" };
    const run = { startedAt: new Date(startedAt), interrupted: false, input, runtimes };
    url = pathToFileURL(folder.add("report.html", comparisonHtml(run, series as Comparison))).href;
    mkdirSync(screenshots, { recursive: true });
    browser = await chromium.launch(launchOptions);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    folder[Symbol.dispose]();
  });

  // Red when: text is too pale for one of the schemes, an image or a region has no name, or headings skip a level.
  test.for(["light", "dark"] as const)(
    "has nothing that axe objects to, %s",
    async (colorScheme, { skip }) => {
      skip(launchOptions === undefined, MISSING);
      const page = await browser.newPage({ colorScheme });
      await page.goto(url);
      await page.screenshot({ path: `${screenshots}report-${colorScheme}.png`, fullPage: true });
      expect(await violations(page, colorScheme === "dark" ? ["color-contrast"] : undefined)).toEqual([]);
      await page.close();
    },
  );

  // Red when: a table or a chart makes the whole page wider than a small screen.
  test("fits a small screen", async ({ skip }) => {
    skip(launchOptions === undefined, MISSING);
    const page = await browser.newPage({ viewport: { width: 360, height: 700 } });
    await page.goto(url);
    await page.screenshot({ path: `${screenshots}report-small.png` });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    await page.close();
  });

  // Red when: the answer is left out, or a reader has to look for it.
  test("begins with an answer", async ({ skip }) => {
    skip(launchOptions === undefined, MISSING);
    const page = await browser.newPage();
    await page.goto(url);
    const row = page.getByRole("row", { name: /one await a call/ });
    expect(await row.getByRole("cell").nth(1).textContent()).toBe("core await");
    expect((await row.boundingBox())?.y).toBeLessThan(400);
    await page.close();
  });

  // Red when: the numbers can be opened with a mouse only, or code to paste is not there.
  test("is used with the keyboard alone", async ({ skip }) => {
    skip(launchOptions === undefined, MISSING);
    const page = await browser.newPage();
    await page.goto(url);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toContain("pick, by speed");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("#s1");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const opened = page.locator("details[open] details[open] pre");
    await opened.waitFor();
    expect(await opened.textContent()).toContain('from "@pipe512/core"');
    await page.close();
  });

  // Red when: what is folded on the screen is missing on paper, or the page asks the network for something.
  test("shows its numbers on paper, and needs no network", async ({ skip }) => {
    skip(launchOptions === undefined, MISSING);
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(url);
    await page.emulateMedia({ media: "print" });
    const numbers = page.locator("#s3 details table");
    expect((await numbers.boundingBox())?.height).toBeGreaterThan(100);
    expect(asked).toEqual([url]);
    await page.close();
  });

  // Red when: the table of the README is not taken over, or the chart of the stalled reader is missing.
  test("shows what is guaranteed, and the memory of a stalled reader", async ({ skip }) => {
    skip(launchOptions === undefined, MISSING);
    const page = await browser.newPage();
    await page.goto(url);
    const row = page.getByRole("row", { name: /exactly 512 bytes in between/ });
    expect(await row.getByRole("cell").first().textContent()).toBe("yes");
    await page
      .getByLabel(/Bytes held while the reader stalls/)
      .first()
      .waitFor();
    await page.close();
  });
});
