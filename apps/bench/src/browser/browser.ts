import { type Browser, chromium } from "playwright";
import type { Measurer } from "../runner/measurer.ts";
import type { Task } from "../runner/protocol.ts";
import type { Contender } from "../subjects/contender.ts";
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
  /** Of each contender, the pages that wait for their next task. */
  readonly #waiting = new Map<string, ContenderPage[]>();
  readonly #keepsPages: boolean;

  /**
   * @param file Path of the file that is sent.
   * @param signal Aborted, it ends, and whatever was asked fails.
   * @param wanted The contenders of which it is to be known whether they can run in a page.
   * @param keepsPages Whether the page and process of a contender stay for its next task, which takes a fifth of the time.
   * @throws {UsageError} If there is none.
   */
  static async start(
    file: string,
    signal: AbortSignal,
    wanted: readonly Contender[],
    keepsPages: boolean,
  ): Promise<BrowserRuntime> {
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

  /** Has a page of the contender get ready, one that waits or a new one. */
  async measurer(task: Task, timeLimitMs: number): Promise<Measurer> {
    const page = this.#waiting.get(task.contender)?.pop() ?? (await this.#open(task.contender));
    await page.prepare(this.#site.url, task, timeLimitMs);
    return page;
  }

  #open(name: string): Promise<ContenderPage> {
    if (!this.#keepsPages) return ContenderPage.open(this.#browser);
    const waiting: ContenderPage[] = [];
    this.#waiting.set(name, waiting);
    return ContenderPage.open(this.#browser, (page) => void waiting.push(page));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#site.close();
  }
}

/** Each is tried on a page that is loaded anew: a module that has failed once is not always tried again. */
async function absencesFrom(
  browser: Browser,
  url: string,
  wanted: readonly Contender[],
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
