import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { browserProjects, fixtureServer } from "./tools/browsers/projects.ts";

// Packages of this repository are tested from their sources, so that no test needs a build and none runs against an old one.
const conditions = ["@pipe512/source", "module", "node", "import", "default"];

// The programs and threads that tests start load compiled code, in a third of the time. Coverage would be less exact.
if (!process.argv.some((argument) => argument.startsWith("--coverage"))) {
  process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(
    new URL("node_modules/.cache/compiled/", import.meta.url),
  );
}

// The projects of `npm test`.
const project = (name: string, root: string, globalSetup: string[] = []) => ({
  extends: true as const,
  test: {
    name,
    root,
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/browsers/**", "test/models/**", "test/app/**"],
    globalSetup,
  },
});

// With commands of their own, so that `npm test` takes less than five minutes: the models of the protocol between threads, and the
// benchmark as its users run it. So have the browsers.
const further = (name: string, root: string) => ({
  extends: true as const,
  test: { name, root, include: [`test/${name}/**/*.test.ts`] },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ["default", "./scripts/skip-reporter.ts"],
    environment: "node",
    // The default leaves one core idle. More workers than cores take as long, and tests that limit time fail.
    maxWorkers: "100%",
    // Collecting garbage on purpose is the only way to test that a lost end of a pipe is found.
    execArgv: ["--expose-gc"],
    projects: [
      project("core", "packages/core"),
      project("node", "packages/node"),
      project("web", "packages/web", [fixtureServer]),
      project("rxjs", "packages/rxjs"),
      project("nats", "packages/nats"),
      project("conformance", "packages/conformance"),
      project("bench", "apps/bench"),
      project("scripts", "scripts"),
      further("models", "packages/core"),
      further("app", "apps/bench"),
      ...browserProjects,
    ],
    coverage: { provider: "v8", include: ["packages/*/src/**"], reporter: ["text", "json-summary"] },
  },
});
