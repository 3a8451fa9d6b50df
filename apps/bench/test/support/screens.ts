import type { Page } from "playwright";

/** A phone, a tablet and a desk. */
export const WIDTHS = [390, 800, 1400] as const;
export const SCHEMES = ["light", "dark"] as const;

/** Whether nothing makes a page wider than its screen. */
export function fits(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth <= innerWidth");
}
