import type { Reporter, TestModule } from "vitest/node";

/**
 * Prints at the end which tests were skipped, one line for each reason. In continuous integration, the run fails if a
 * skip has no reason, or if an installation would have avoided it.
 */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skips = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" && result.note) || "no reason given";
        skips.set(reason, [...(skips.get(reason) ?? []), module.project.name]);
      }
    }
    for (const [reason, projects] of skips) {
      const counts = Map.groupBy(projects, (name) => name).entries();
      const where = Array.from(counts, ([name, tests]) => `${name} ${tests.length}`).join(", ");
      console.log(`skipped: ${reason} (${where})`);
      if (process.env["CI"] && /no reason given|install/.test(reason)) process.exitCode = 1;
    }
  }
}
