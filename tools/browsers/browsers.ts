import { existsSync, globSync } from "node:fs";
import { playwright } from "@vitest/browser-playwright";
import { chromium, firefox, webkit } from "playwright";
import type { BrowserProviderOption } from "vitest/node";
import { chromiumFlags, chromiumLaunchOptions, onPath } from "../../apps/bench/src/browser/chromium.ts";
import { bidi } from "./bidi.ts";
import { webkitDriver } from "./webkit-driver.ts";

/** A browser that the tests run in. */
export interface Browser {
  readonly name: "chromium" | "firefox" | "webkit";
  /** Its name in Debian. */
  readonly packages: readonly string[];
  /** How vitest drives it; `undefined` if it is not installed. */
  readonly provider: BrowserProviderOption | undefined;
}

/** Each browser as the system has it, otherwise as `npx playwright install` installed it. */
export function browsers(): readonly Browser[] {
  return [
    { name: "chromium", packages: ["chromium"], provider: systemChromium() ?? own(chromium, chromiumFlags) },
    { name: "firefox", packages: ["firefox-esr"], provider: systemFirefox() ?? own(firefox) },
    {
      name: "webkit",
      packages: ["webkit2gtk-driver", "xvfb", "xauth"],
      provider: systemWebKit() ?? own(webkit),
    },
  ];
}

function systemChromium(): BrowserProviderOption | undefined {
  if (onPath("chromium") === undefined) return undefined;
  return playwright({ launchOptions: chromiumLaunchOptions() ?? {} });
}

function systemFirefox(): BrowserProviderOption | undefined {
  const program = onPath("firefox-esr") ?? onPath("firefox");
  return program === undefined ? undefined : bidi(program);
}

function systemWebKit(): BrowserProviderOption | undefined {
  const driver = onPath("WebKitWebDriver");
  const screen = onPath("xvfb-run");
  const [browser] = globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser");
  if (driver === undefined || screen === undefined || browser === undefined) return undefined;
  return webkitDriver({ driver, screen, browser });
}

function own(type: { executablePath(): string }, args: string[] = []): BrowserProviderOption | undefined {
  return existsSync(type.executablePath()) ? playwright({ launchOptions: { args } }) : undefined;
}
