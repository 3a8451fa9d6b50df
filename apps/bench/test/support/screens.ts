import type { Page } from "playwright";

/** The widths of a phone, a tablet and a desktop screen. */
export const WIDTHS = [390, 800, 1400] as const;
export const SCHEMES = ["light", "dark"] as const;

/** Whether no element makes a page wider than its screen. */
export function fits(page: Page): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth <= innerWidth");
}
