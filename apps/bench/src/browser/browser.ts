import { type Browser, chromium } from "playwright";
import type { Measurer } from "../runner/measurer.ts";
import type { Task } from "../runner/protocol.ts";
import { UsageError } from "../usage-error.ts";
import { chromiumLaunchOptions } from "./chromium.ts";
import { call, ContenderPage } from "./contender-page.ts";
import { Site } from "./site.ts";

/** A headless Chromium that measures what needs nothing but a browser, each contender in a page and process of its own. */
export class BrowserRuntime implements AsyncDisposable {
  readonly version: string;
  readonly v8Version: string;
  /** Of each contender that cannot run in a page: why. */
  readonly absences: ReadonlyMap<string, string>;
  readonly #browser: Browser;
  readonly #site: Site;

  /**
   * @param file Path of the file that is sent.
   * @param signal Aborted, it ends, and whatever was asked fails.
   * @throws {UsageError} If there is none.
   */
  static async start(file: string, signal: AbortSignal): Promise<BrowserRuntime> {
    const options = chromiumLaunchOptions();
    if (options === undefined)
      throw new UsageError(
        "Cannot measure in Chromium: it is not installed, npm run setup:browsers does that",
      );
    // Whoever interrupts the parent is to be shown what was measured, so the parent decides when it ends.
    const handled = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
    const browser = await chromium.launch({ ...options, ...handled });
    signal.addEventListener("abort", () => void browser.close());
    const site = await Site.open(file);
    const page = await browser.newPage();
    await page.goto(site.url);
    const absences = (await call(page, "absences")) as Readonly<Record<string, string>>;
    await page.close();
    const session = await browser.newBrowserCDPSession();
    const { jsVersion } = await session.send("Browser.getVersion");
    await session.detach();
    return new BrowserRuntime(browser, site, jsVersion, new Map(Object.entries(absences)));
  }

  private constructor(
    browser: Browser,
    site: Site,
    v8Version: string,
    absences: ReadonlyMap<string, string>,
  ) {
    this.version = browser.version();
    this.v8Version = v8Version;
    this.absences = absences;
    this.#browser = browser;
    this.#site = site;
  }

  /** Opens the page of a contender. */
  measurer(task: Task, timeLimitMs: number): Promise<Measurer> {
    return ContenderPage.start(this.#browser, this.#site.url, task, timeLimitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#site.close();
  }
}
