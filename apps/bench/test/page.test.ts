import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { expect, test } from "vitest";
import { chromiumLaunchOptions } from "../src/browser/chromium.ts";
import { servePage } from "../page/server.ts";
import { violations } from "./support/accessibility.ts";

const launchOptions = chromiumLaunchOptions();
const screenshot = fileURLToPath(new URL("../reports/screenshots/page.png", import.meta.url));

// Red when: the ring is drawn from anything but the pipe, a slider or an adapter changes nothing, the comparison does not run in a browser, axe objects to the page,
// or is wider than a small screen.
test("The page shows a pipe that fills and drains, advises, and compares", { timeout: 60_000 }, async ({
  skip,
}) => {
  skip(launchOptions === undefined, "needs Chromium: npm run setup:browsers");
  const server = await servePage();
  const browser = await chromium.launch(launchOptions);
  try {
    const page = await browser.newPage();
    const errors: Error[] = [];
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(server.resolvedUrls?.local[0] ?? "");

    expect(await page.locator("#without-node").textContent()).toContain("@pipe512/node");

    // A reader that is slow: the ring fills, and the writer waits.
    await page.locator("#writer-pause").fill("0");
    await page.locator("#reader-pause").fill("10");
    for (const wayIn of ["core", "web"]) {
      await page.locator("#way-in").selectOption(wayIn);
      for (const wayOut of ["core", "loop", "web", "byob", "rxjs"]) {
        await page.locator("#way-out").selectOption(wayOut);
        await page.locator("#writer", { hasText: "waits for room" }).waitFor();
        await page.locator("#reader", { hasText: "pauses" }).waitFor();
        await page.locator("#bytes", { hasText: /^512$/ }).waitFor();
      }
    }
    await page.screenshot({ path: screenshot, fullPage: true });

    // A writer that is slow: the ring drains, and the reader waits.
    await page.locator("#writer-pause").fill("10");
    await page.locator("#reader-pause").fill("0");
    await page.locator("#reader", { hasText: "waits for bytes" }).waitFor();
    await page.locator("#bytes", { hasText: /^0$/ }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator("#writer", { hasText: "stands still" }).waitFor();
    await page.getByRole("button", { name: "Start" }).waitFor();

    await page.getByLabel("What do you have?").selectOption("node");
    await page.getByLabel("What do you need?").selectOption("web");
    await page.locator("#advice code", { hasText: "toReadableStream(reader)" }).waitFor();

    await page.getByRole("button", { name: "Measure" }).click();
    for (const contender of ["core await", "Web BYOB", "TransformStream", "memcpy"]) {
      const costs = page.getByRole("row", { name: new RegExp(`^${contender}`) }).getByRole("cell");
      await costs.first().waitFor();
      expect((await costs.allTextContents()).map((cost) => Number(cost.replace(",", "")) > 0)).toEqual(
        Array(4).fill(true),
      );
    }
    await page.locator("#advice p", { hasText: /64 B costs here: Web toReadableStream \d+/ }).waitFor();
    expect(errors).toEqual([]);

    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  } finally {
    await browser.close();
    await server.close();
  }
});
