import { type Browser, chromium } from "playwright";
import type { Measurer } from "../runner/measurer.ts";
import type { Task } from "../runner/protocol.ts";
import type { Implementation } from "../subjects/implementation.ts";
import { UsageError } from "../usage-error.ts";
import { chromiumLaunchOptions } from "./chromium.ts";
import { call, ImplementationPage } from "./implementation-page.ts";
import { Site } from "./site.ts";

/** A headless Chromium for implementations that need only a browser. Each has its own page and process. */
export class BrowserRuntime implements AsyncDisposable {
  readonly version: string;
  readonly v8Version: string;
  /** Why an implementation cannot run in a page, for each such implementation. */
  readonly absences: ReadonlyMap<string, string>;
  readonly #browser: Browser;
  readonly #site: Site;
  /** The pages of each implementation that wait for their next task. */
  readonly #waiting = new Map<string, ImplementationPage[]>();
  readonly #keepsPages: boolean;

  /**
   * @param file Path of the file that is sent.
   * @param signal Ends the browser when it aborts. Pending requests then fail.
   * @param wanted The implementations to try in a page.
   * @param keepsPages Whether an implementation reuses its page and process for its next task, which takes a fifth of the time.
   * @throws {UsageError} If there is no Chromium.
   */
  static async start(
    file: string,
    signal: AbortSignal,
    wanted: readonly Implementation[],
    keepsPages: boolean,
  ): Promise<BrowserRuntime> {
    const options = chromiumLaunchOptions();
    if (options === undefined)
      throw new UsageError(
        "Cannot measure in Chromium: it is not installed; run npm run setup:browsers to install it",
      );
    // After an interruption the parent prints the results so far, so the parent decides when the browser ends.
    const handled = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
    const browser = await chromium.launch({ ...options, ...handled });
    signal.addEventListener("abort", () => void browser.close());
    const site = await Site.open(file);
    const absences = await absencesFrom(browser, site.url, wanted);
    const session = await browser.newBrowserCDPSession();
    const { jsVersion } = await session.send("Browser.getVersion");
    await session.detach();
    return new BrowserRuntime(browser, site, jsVersion, absences, keepsPages);
  }

  private constructor(
    browser: Browser,
    site: Site,
    v8Version: string,
    absences: ReadonlyMap<string, string>,
    keepsPages: boolean,
  ) {
    this.version = browser.version();
    this.v8Version = v8Version;
    this.absences = absences;
    this.#browser = browser;
    this.#site = site;
    this.#keepsPages = keepsPages;
  }

  /** Prepares a page of the implementation, a waiting one or a new one. */
  async measurer(task: Task, timeLimitMs: number): Promise<Measurer> {
    const page = this.#waiting.get(task.implementation)?.pop() ?? (await this.#open(task.implementation));
    await page.prepare(this.#site.url, task, timeLimitMs);
    return page;
  }

  #open(name: string): Promise<ImplementationPage> {
    if (!this.#keepsPages) return ImplementationPage.open(this.#browser);
    const waiting: ImplementationPage[] = [];
    this.#waiting.set(name, waiting);
    return ImplementationPage.open(this.#browser, (page) => void waiting.push(page));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#site.close();
  }
}

/** Each one is tried on a reloaded page, because a module that has failed once is not always tried again. */
async function absencesFrom(
  browser: Browser,
  url: string,
  wanted: readonly Implementation[],
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  const page = await browser.newPage();
  for (const { name, needs } of wanted) {
    if (needs !== undefined) {
      reasons.set(name, `Node ${needs.node} is needed`);
      continue;
    }
    await page.goto(url);
    const reply = await call(page, "load", name);
    if ("error" in reply) reasons.set(name, String(reply.error));
  }
  await page.close();
  return reasons;
}
