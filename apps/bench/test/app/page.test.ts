import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromiumLaunchOptions } from "../../src/browser/chromium.ts";
import { PageServer } from "../../page/server.ts";
import { presets } from "../../page/presets.ts";
import { rulesFor, violations } from "../support/accessibility.ts";
import { fits, SCHEMES, WIDTHS } from "../support/screens.ts";

const launchOptions = chromiumLaunchOptions();
const screenshots = fileURLToPath(new URL("../../reports/screenshots/", import.meta.url));

describe("The page", { timeout: 180_000 }, () => {
  let server: PageServer;
  let browser: Browser;
  const errors: Error[] = [];

  async function opened(options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const page = await browser.newPage(options);
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(server.url);
    return page;
  }

  beforeAll(async () => {
    if (launchOptions === undefined) return;
    mkdirSync(screenshots, { recursive: true });
    server = await PageServer.start();
    browser = await chromium.launch(launchOptions);
  }, 60_000);

  beforeEach(({ skip }) => skip(launchOptions === undefined, "needs Chromium: npm run setup:browsers"));

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  // Red when: the ring is drawn from other data than the pipe's, or an adapter carries no bytes.
  test("shows a ring that fills while the reader is slow, through every adapter", async () => {
    const page = await opened();
    expect(await page.locator("#without-node").textContent()).toContain("@pipe512/node");
    await page.locator("#writer-pause").fill("0");
    await page.locator("#reader-pause").fill("10");
    for (const wayIn of ["core", "web"]) {
      await page.locator("#way-in").selectOption(wayIn);
      for (const wayOut of ["core", "loop", "web", "byob", "rxjs"]) {
        await page.locator("#way-out").selectOption(wayOut);
        await page.locator("#writer-state", { hasText: "waits" }).waitFor();
        await page.locator("#reader-state", { hasText: "pauses" }).waitFor();
        await page.locator("#bytes", { hasText: /^512$/ }).waitFor();
        await page.locator("#sentence", { hasText: "The writer waits: the ring is full." }).waitFor();
      }
    }
    await page.locator('#ring-filled[stroke-dasharray^="51"]').waitFor();
    await page.close();
  });

  // Red when: the queue beside the ring does not grow, or contains other bytes.
  test("shows beside it a queue that grows while the reader is slow", async () => {
    const page = await opened();
    await page.locator("#queue i.full").nth(8).waitFor();
    await page.locator("#held", { hasText: "KiB" }).waitFor();
    await page.locator("#rival-sentence", { hasText: "the queue grows" }).waitFor();
    expect(Number(await page.locator("#bytes").textContent())).toBeLessThanOrEqual(512);
    await page.close();
  });

  // Red when: chunks do not move, or a direct hand-off is drawn through the ring.
  test("shows chunks on their way, and hand-offs without the ring", async () => {
    const page = await opened();
    await page.locator(".packet").first().waitFor();
    await page.getByRole("button", { name: "Slow writer" }).click();
    await page.locator("#sentence", { hasText: "straight from the writer's array" }).waitFor();
    await page.getByRole("button", { name: "Both fast" }).click();
    await page.locator("#lane-direct.flows").waitFor();
    await page.locator("#bytes", { hasText: /^0$/ }).waitFor();
    await page.locator("#direct", { hasText: /^([5-9]\d|100) %/ }).waitFor();
    expect(await page.locator("#direct-label.on").count()).toBe(1);
    await page.close();
  });

  // Red when: a preset has no effect, or an end is not shown.
  test.for([
    ["One large write", "of its 16,384 bytes are accepted"],
    ["Close", "The reader got the end: null."],
    ["Error", "The reader got Error: the disk is full."],
    ["Cancel", "The reader left: close(). The 512 bytes in the ring are lost."],
  ])("%s: %s", async ([name, words]) => {
    const page = await opened();
    await page.getByRole("button", { name: name as string, exact: true }).click();
    const sentence = page.locator("#sentence", { hasText: words as string });
    await sentence.waitFor();
    expect(await sentence.count()).toBe(1);
    await page.close();
  });

  // Red when: the marks of the two sides overlap where both are at the same position.
  test("keeps the positions of writer and reader apart", async () => {
    const page = await opened();
    await page.getByRole("button", { name: "Both fast" }).click();
    await page.locator("#bytes", { hasText: /^0$/ }).waitFor();
    // In the coordinates of the drawing, because the bounding box of a mark on the page depends on its angle.
    const [writer, reader] = await Promise.all(
      ["write", "read"].map((side) =>
        page.locator(`#${side}-position path`).evaluate((path) => {
          const { y, height } = (path as SVGPathElement).getBBox();
          return { top: y, bottom: y + height };
        }),
      ),
    );
    expect(Math.max(writer?.top ?? 0, reader?.top ?? 0)).toBeGreaterThan(
      Math.min(writer?.bottom ?? 0, reader?.bottom ?? 0),
    );
    await page.close();
  });

  // Red when: something moves before the start, or no ring is drawn until then.
  test("draws an idle ring and starts only on request, with reduced motion", async () => {
    const page = await opened({ reducedMotion: "reduce" });
    await page.locator("#sentence", { hasText: "Nothing moves yet" }).waitFor();
    expect(await page.locator("#wedges line").count()).toBe(32);
    expect((await page.locator("#ring-filled").boundingBox())?.width).toBeGreaterThan(100);
    await page.getByRole("button", { name: "Start" }).click();
    await page.locator("#bytes", { hasText: /^512$/ }).waitFor();
    expect(await page.locator(".packet").count()).toBe(0);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator("#writer-state", { hasText: "idle" }).waitFor();
    await page.close();
  });

  // Red when: a slider shows only a number, or the figures continue from before the change.
  test("describes its sliders in words, and starts its figures again with each change", async () => {
    const page = await opened();
    const slider = page.getByLabel("Reader pauses");
    expect(await slider.getAttribute("aria-valuetext")).toBe("128 milliseconds");
    expect(await page.getByLabel("Chunk", { exact: true }).getAttribute("aria-valuetext")).toBe("128 bytes");
    await page.locator("#writer-waited", { hasText: /^[1-9]/ }).waitFor();
    await slider.fill("9");
    await page.locator("#writer-waited", { hasText: /^0/ }).waitFor();
    await page.close();
  });

  // Red when: the advice does not follow the answers, or the button copies other code than it shows.
  test("advises, with code to copy", async () => {
    const page = await opened({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByLabel("What do you have?").selectOption("node");
    await page.getByLabel("What do you need?").selectOption("web");
    await page.locator("#advice code", { hasText: "toReadableStream(reader)" }).waitFor();
    await page.getByRole("button", { name: "Copy" }).first().click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      "npm install @pipe512/node @pipe512/web",
    );
    await page.close();
  });

  // Red when: the comparison does not run in a browser, or shows no progress or no spreads.
  test("compares, and shows its progress and the spread of the rounds", async () => {
    const page = await opened();
    await page.getByLabel("Quick").check();
    await page.getByRole("button", { name: "Measure" }).click();
    await page
      .locator("#measuring", { hasText: /^\d+ %: chunks of 64 B, (warming up|round \d of 2)$/ })
      .waitFor();
    await page.locator("#results summary").click({ timeout: 170_000 });
    for (const title of ["● await every write()", "● write() to byte stream", "TransformStream", "memcpy"]) {
      const row = page
        .getByRole("row")
        .filter({ has: page.getByRole("rowheader", { name: title, exact: true }) });
      const costs = await row.getByRole("cell").allTextContents();
      expect(costs.map((cost) => /^[\d.,]+±\d+ %$/.test(cost))).toEqual(Array(4).fill(true));
    }
    await page.getByRole("button", { name: "4 KiB", exact: true }).click();
    await page.locator(".dots-title", { hasText: "a chunk of 4 KiB" }).waitFor();
    await page.locator("#advice p", { hasText: /64 B costs here: await every write\(\) \d+/ }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  // Red when: text has too little contrast in one of the colour schemes, a control has no name, or content is wider than the screen.
  test.for(WIDTHS)("is looked at, %i pixels", async (width) => {
    const page = await opened({ viewport: { width, height: 900 } });
    await page.locator("#queue i.full").nth(4).waitFor();
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${screenshots}page-${width}-${colorScheme}.png`, fullPage: true });
      expect(await violations(page, rulesFor(colorScheme))).toEqual([]);
    }
    expect(await fits(page)).toBe(true);
    await page.close();
  });

  // Red when: a preset has no button, or the page threw an error in one of the tests above.
  test("has a button for each preset, and has thrown nothing so far", async () => {
    expect(errors).toEqual([]);
    const page = await opened();
    const labels = await page.locator("#presets button").allTextContents();
    expect(labels).toEqual(Object.values(presets).map(({ label }) => label));
    await page.close();
  });
});
