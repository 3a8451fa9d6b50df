import type { TestProjectInlineConfiguration } from "vitest/config";
import { browsers } from "./browsers.ts";

const found = browsers();

/** The names of the browsers that are not here. */
export const missing: readonly string[] = found.filter(({ provider }) => !provider).map(({ name }) => name);

/** A vitest project for each browser that is here. */
export const browserProjects: readonly TestProjectInlineConfiguration[] = found.flatMap(({ name, provider }) =>
  provider === undefined
    ? []
    : {
        resolve: { conditions: ["@pipe512/source", "module", "browser", "import", "default"] },
        server: {
          // A page without these two has no SharedArrayBuffer.
          headers: {
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
          },
        },
        test: {
          name,
          include: ["packages/{core,web,rxjs,conformance}/test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "packages/*/test/node/**"],
          globalSetup: ["tools/browsers/fixture-server.ts"],
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
