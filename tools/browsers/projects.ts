import { fileURLToPath } from "node:url";
import type { TestProjectInlineConfiguration } from "vitest/config";
import { browsers } from "./browsers.ts";

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Runs for every project whose tests call `inject("fixtures")`. */
export const fixtureServer: string = beside("./fixture-server.ts");

/** The tests that also run in browsers. */
const include = [
  "packages/core/test/{io,pipe,sync}/*.test.ts",
  "packages/*/test/browsers/*.test.ts",
  "packages/conformance/test/pipe.test.ts",
  "packages/{web,rxjs}/test/**/*.test.ts",
];

/** Of these, the tests that need Node itself: its modules, its programs, or garbage collection on request. */
const exclude = [
  "packages/core/test/pipe/{abandonment,bad-input,copies,fairness,memory}.test.ts",
  // 10,000 sequences take minutes there, and do not depend on the platform.
  "packages/core/test/io/buffered-reader-model.test.ts",
  "packages/*/test/node/**",
];

/** A vitest project for each installed browser. */
export const browserProjects: readonly TestProjectInlineConfiguration[] = browsers().flatMap(
  ({ name, provider }) =>
    provider === undefined
      ? []
      : {
          resolve: {
            conditions: ["@pipe512/source", "module", "browser", "import", "default"],
            alias: { "node:events": beside("./node-events.ts") },
          },
          server: {
            // A page without these two has no SharedArrayBuffer.
            headers: {
              "Cross-Origin-Opener-Policy": "same-origin",
              "Cross-Origin-Embedder-Policy": "require-corp",
            },
          },
          test: {
            name,
            include,
            exclude,
            globalSetup: [fixtureServer],
            setupFiles: [beside("./setup.ts")],
            // One page for all files of a browser: a page for each takes twice as long.
            isolate: false,
            // Not at the same time as tests in Node, because some of them limit time.
            sequence: { groupOrder: 1 },
            fileParallelism: false,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider,
              // Every provider requires it. Tests without a layout do not use it.
              commands: { __vitest_viewport: () => {} },
              instances: [{ browser: name, name }],
            },
          },
        },
);
