import { defineBrowserProvider } from "@vitest/browser";
import { Builder, type WebDriver } from "selenium-webdriver";
import { DriverService } from "selenium-webdriver/remote/index.js";
import type { BrowserProviderOption } from "vitest/node";

/** The programs that it needs. */
export interface Programs {
  /** WebKit's WebDriver. */
  readonly driver: string;
  readonly browser: string;
  /** Gives the browser a virtual screen, because it cannot run without one. */
  readonly screen: string;
}

/** Lets vitest run tests in WebKitGTK's MiniBrowser, which Selenium drives through WebKit's own WebDriver. */
export function webkitDriver({ driver, browser, screen }: Programs): BrowserProviderOption {
  const service = new DriverService.Builder(driver).setLoopback(true).build();
  let session: Promise<WebDriver> | undefined;
  const connect = async (): Promise<WebDriver> =>
    new Builder()
      .usingServer(await service.start())
      .withCapabilities({
        browserName: "MiniBrowser",
        acceptInsecureCerts: true,
        "webkitgtk:browserOptions": { binary: screen, args: ["-a", browser, "--automation"] },
      })
      .build();
  return defineBrowserProvider({
    name: "webkit-webdriver",
    supportedBrowser: ["webkit"],
    options: {},
    providerFactory: () => ({
      name: "webkit-webdriver",
      supportsParallelism: false,
      getCommandsContext: () => ({}),
      openPage: async (_session, url) => {
        session ??= connect();
        await (await session).get(url);
      },
      close: async () => {
        await (await session)?.quit();
        await service.kill();
        session = undefined;
      },
    }),
  });
}
