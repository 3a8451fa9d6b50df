import { fileURLToPath } from "node:url";
import type { TestProjectInlineConfiguration } from "vitest/config";
import { browsers } from "./browsers.ts";

const found = browsers();

/** The names of the browsers that are not here. */
export const missingBrowsers: readonly string[] = found
  .filter(({ provider }) => provider === undefined)
  .map(({ name }) => name);

/** Started for every project whose tests ask for `inject("fixtures")`. */
export const fixtureServer: string = fileURLToPath(new URL("./fixture-server.ts", import.meta.url));

/** The tests that run in browsers too. */
const include = [
  "packages/core/test/{io,pipe,sync}/*.test.ts",
  "packages/conformance/test/pipe.test.ts",
  "packages/{web,rxjs}/test/**/*.test.ts",
];

/** Of these the ones that need Node itself: its modules, its programs, or garbage collected on purpose. */
const exclude = [
  "packages/core/test/pipe/{abandonment,bad-input,copies,fairness,memory}.test.ts",
  "packages/*/test/node/**",
];

/** A vitest project for each browser that is here. */
export const browserProjects: readonly TestProjectInlineConfiguration[] = found.flatMap(
  ({ name, provider }) =>
    provider === undefined
      ? []
      : {
          resolve: {
            conditions: ["@pipe512/source", "module", "browser", "import", "default"],
            alias: { "node:events": fileURLToPath(new URL("./node-events.ts", import.meta.url)) },
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
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider,
              // Asked of every provider, and of no use to tests without a layout.
              commands: { __vitest_viewport: () => {} },
              instances: [{ browser: name, name }],
            },
          },
        },
);
