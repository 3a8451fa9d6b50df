import type { Reporter, TestModule } from "vitest/node";

/** Says at the end, in one line each, which tests were skipped and why: a skip that nobody sees is a hole. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = result.state === "skipped" ? result.note : undefined;
        console.log(`skipped: ${test.fullName}: ${reason ?? "no reason given"}`);
      }
    }
  }
}
