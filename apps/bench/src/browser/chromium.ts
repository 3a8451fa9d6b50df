import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type LaunchOptions } from "playwright";

// Root has no sandbox, and a container has little shared memory.
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  // Garbage collection on request finds lost ends.
  "--js-flags=--expose-gc",
];

/** How Playwright starts the Chromium of the system, otherwise its own; `undefined` if there is none. */
export function chromiumLaunchOptions(): LaunchOptions | undefined {
  const executablePath = onPath("chromium") ?? chromium.executablePath();
  return existsSync(executablePath) ? { executablePath, args: chromiumFlags } : undefined;
}

export function onPath(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
