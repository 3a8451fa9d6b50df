import type { Reporter, TestModule, Vitest } from "vitest/node";
import { missingBrowsers } from "../tools/browsers/projects.ts";

/**
 * Says at the end, in one line for each reason, what was skipped: a skip that nobody sees is a hole. In continuous
 * integration, one that has no reason or that an installation would have spared fails the run.
 */
export default class SkipReporter implements Reporter {
  #wholeRun = false;

  onInit(vitest: Vitest): void {
    this.#wholeRun = vitest.config.project.length === 0;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skips = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" && result.note) || "no reason given";
        skips.set(reason, [...(skips.get(reason) ?? []), module.project.name]);
      }
    }
    if (this.#wholeRun && missingBrowsers.length > 0)
      skips.set("not found; `npm run setup:browsers` installs it", [...missingBrowsers]);
    for (const [reason, projects] of skips) {
      const counts = Map.groupBy(projects, (name) => name).entries();
      const where = Array.from(counts, ([name, tests]) => `${name} ${tests.length}`).join(", ");
      console.log(`skipped: ${reason} (${where})`);
      if (process.env["CI"] && /no reason given|install/.test(reason)) process.exitCode = 1;
    }
  }
}
