import { defineBrowserProvider } from "@vitest/browser";
import { type Browser, launch } from "puppeteer-core";
import type { BrowserProviderOption } from "vitest/node";

/** Lets vitest run tests in an installed Firefox, which Puppeteer drives over WebDriver BiDi. */
export function bidi(executablePath: string): BrowserProviderOption {
  let browser: Promise<Browser> | undefined;
  return defineBrowserProvider({
    name: "firefox-bidi",
    supportedBrowser: ["firefox"],
    options: {},
    providerFactory: () => ({
      name: "firefox-bidi",
      supportsParallelism: false,
      getCommandsContext: () => ({}),
      openPage: async (_session, url) => {
        browser ??= launch({ browser: "firefox", executablePath, acceptInsecureCerts: true });
        const page = await (await browser).newPage();
        await page.goto(url);
      },
      close: async () => {
        await (await browser)?.close();
        browser = undefined;
      },
    }),
  });
}
