import axe from "axe-core";
import type { Page } from "playwright";
import type { SCHEMES } from "./screens.ts";

/** The rules to check a page by in a colour scheme: all rules in the light scheme, and in the dark scheme those that depend on colours. */
export function rulesFor(scheme: (typeof SCHEMES)[number]): string[] | undefined {
  return scheme === "light" ? undefined : ["color-contrast"];
}

/**
 * The violations that axe finds in a page.
 *
 * @param rules The rules to check; by default all.
 */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run(${JSON.stringify(rules === undefined ? {} : { runOnly: rules })})`,
  )) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 300)} ${nodes[0]?.failureSummary}`,
  );
}
