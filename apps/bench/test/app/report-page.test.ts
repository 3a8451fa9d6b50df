import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumLaunchOptions } from "../../src/browser/chromium.ts";
import { comparisonHtml } from "../../src/report/html.ts";
import type { Comparison } from "../../src/runner/comparison.ts";
import { findNode } from "../../src/runner/runtimes.ts";
import { rulesFor, violations } from "../support/accessibility.ts";
import { Folder } from "../support/command-line.ts";
import { QUIET } from "../support/comparisons.ts";
import { fits, SCHEMES, WIDTHS } from "../support/screens.ts";

const launchOptions = chromiumLaunchOptions();
const results = new URL("../../results/comparison.json", import.meta.url);
const screenshots = fileURLToPath(new URL("../../reports/screenshots/", import.meta.url));

describe("The report in Chromium", { timeout: 120_000 }, () => {
  const folder = new Folder();
  let browser: Browser;
  let url: string;

  async function opened(options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const page = await browser.newPage(options);
    await page.goto(url);
    return page;
  }

  beforeAll(async () => {
    if (launchOptions === undefined) return;
    const { startedAt, file, series } = JSON.parse(readFileSync(results, "utf8"));
    const input = { path: file.name, bytes: file.bytes, sha256: file.sha256 };
    const runtimes = { node: await findNode(process.execPath), go: "", c: "" };
    const run = { startedAt: new Date(startedAt), interrupted: false, input, runtimes, load: QUIET };
    url = pathToFileURL(folder.add("report.html", comparisonHtml(run, series as Comparison))).href;
    mkdirSync(screenshots, { recursive: true });
    browser = await chromium.launch(launchOptions);
  }, 60_000);

  beforeEach(({ skip }) => skip(launchOptions === undefined, "needs Chromium: npm run setup:browsers"));

  afterAll(async () => {
    await browser?.close();
    folder[Symbol.dispose]();
  });

  // Red when: text has too little contrast in one of the colour schemes, a picture has no name, headings skip a level, or content is wider than the screen.
  test.for(WIDTHS)("is looked at, %i pixels", async (width) => {
    const page = await opened({ viewport: { width, height: 900 } });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${screenshots}report-${width}-${colorScheme}.png`, fullPage: true });
      expect(await violations(page, rulesFor(colorScheme))).toEqual([]);
    }
    expect(await fits(page)).toBe(true);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
    expect(await fits(page)).toBe(true);
    await page.close();
  });

  // Red when: the sentence is missing, or a picture or the advice is not near the beginning.
  test("begins with a sentence, then the picture, then the memory, then the advice", async () => {
    const page = await opened({ viewport: { width: 1400, height: 900 } });
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toMatch(
      /^On this machine, at 512.B: [\d.]+ times as fast as PassThrough, with 512 bytes of memory in place of 128.KiB/,
    );
    const sections = await page.locator("main > section").evaluateAll((all) => all.map(({ id }) => id));
    expect(sections).toEqual(["speed", "memory", "advice", "choose", "details"]);
    expect((await page.locator("#speed figure").boundingBox())?.y).toBeLessThan(600);
    const names = await page.locator("#speed .dots-name").allTextContents();
    expect(names).toEqual(expect.arrayContaining(["await every write()", "PassThrough", "TransformStream"]));
    await page.close();
  });

  // Red when: a picture is scaled down instead of drawn for the width, or the ratio is outside the screen.
  test("has text of reading size and its ratios in sight on a small screen", async () => {
    const page = await opened({ viewport: { width: 390, height: 844 } });
    const small = await page.locator("figure *, td, th").evaluateAll(
      (all) =>
        all.filter((one) => {
          const style = getComputedStyle(one as never);
          return one.textContent !== "" && Number.parseFloat(style.fontSize) < 13 && style.display !== "none";
        }).length,
    );
    expect(small).toBe(0);
    const ratio = page.locator("#advice td.good").first();
    const box = await ratio.boundingBox();
    expect((box?.x ?? 999) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
    await page.close();
  });

  // Red when: the numbers can be opened only with a mouse, or the code to paste is missing.
  test("works with the keyboard alone", async () => {
    const page = await opened();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press("Tab", "Enter", "Tab", "Enter");
    const unfolded = page.locator("#choose details[open] details[open] pre");
    await unfolded.waitFor();
    expect(await unfolded.textContent()).toMatch(
      /^npm install @pipe512\/core\n[\s\S]* from "@pipe512\/core"/,
    );
    await page.close();
  });

  // Red when: content that is folded on the screen is missing in print, or the page uses the network.
  test("shows its numbers in print, and needs no network", async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(url);
    await page.emulateMedia({ media: "print" });
    const numbers = page.locator("#details .numbers table").first();
    expect((await numbers.boundingBox())?.height).toBeGreaterThan(100);
    expect(asked.filter((one) => !one.startsWith("data:"))).toEqual([url]);
    await page.close();
  });

  // Red when: the table of the README is missing, or a table shown as cards loses its table role.
  test("shows the guarantees, in a table on every screen", async () => {
    const page = await opened({ viewport: { width: 390, height: 844 } });
    await page.locator("summary", { hasText: "What is guaranteed" }).click();
    const row = page.getByRole("row", { name: /exactly 512 bytes in between/ });
    expect(await row.getByRole("cell").first().textContent()).toBe("yes");
    expect(await row.getByRole("rowheader").count()).toBe(1);
    await page.close();
  });

  // Red when: a picture has no description for a screen reader.
  test("describes its pictures in words", async () => {
    const page = await opened();
    const item = page.locator("#speed").getByRole("listitem").filter({ hasText: "await every write()" });
    expect(await item.textContent()).toMatch(/await every write\(\)\s*[\d.,]+ ±\d+ %/);
    await page.getByRole("img", { name: /Bytes held while the reader stalls/ }).waitFor();
    const flat = page.locator("#memory").getByRole("listitem").filter({ hasText: "await every write()" });
    expect(await flat.textContent()).toContain("512 B at every size");
    await page.close();
  });
});
