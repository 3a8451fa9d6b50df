// The code that is mutated, and the tests that judge it.

/** A package, or a part of one, whose tests are judged. */
export interface Subject {
  readonly name: string;
  /** Globs of the files that are mutated, from the root. */
  readonly mutate: readonly string[];
  /** Globs of the tests that run in one process with the mutated code. */
  readonly tests: readonly string[];
  /**
   * Tests that start programs, threads or browsers, or read the sources. They do not run the mutated code, or take too long to run once for
   * each mutant. For code that only they cover, the mutants are written into the files, and vitest runs these tests.
   */
  readonly apart: readonly string[];
  /** The minimum share of mutants that tests must kill, in percent. */
  readonly target: number;
}

/** Tests of core that start programs or threads, measure memory or time of the whole process, or take many seconds. */
const CORE_APART = [
  "packages/core/test/pipe/{abandonment,memory,fairness}.test.ts",
  "packages/core/test/diagnostics/leaks.test.ts",
  "packages/core/test/io/buffered-reader-model.test.ts",
  "packages/core/test/differential/**",
  "packages/core/test/node/**",
  "packages/core/test/examples/**",
  "packages/core/test/models/**",
  "packages/core/test/shared/**",
  "packages/core/test/interleavings/**",
  "packages/core/test/browsers/**",
];

export const subjects: readonly Subject[] = [
  {
    name: "core",
    mutate: [
      "packages/core/src/**/*.ts",
      "!packages/core/src/{shared,sync}/**",
      "!packages/core/src/**/index.ts",
    ],
    tests: ["packages/core/test/**/*.test.ts", "packages/conformance/test/pipe.test.ts"],
    apart: CORE_APART,
    target: 90,
  },
  {
    name: "sync",
    mutate: ["packages/core/src/sync/*.ts", "!packages/core/src/sync/index.ts"],
    tests: ["packages/core/test/{sync,pipe}/*.test.ts"],
    apart: CORE_APART,
    target: 100,
  },
  {
    name: "shared",
    mutate: ["packages/core/src/shared/*.ts", "!packages/core/src/shared/{index,platform,supervise}.ts"],
    tests: [
      "packages/core/test/{shared,interleavings}/*.test.ts",
      "packages/conformance/test/shared-pipe.test.ts",
    ],
    apart: [
      "packages/core/test/interleavings/**",
      "packages/core/test/shared/{blocking,death,endings,life,sleeping,threads,waiting}.test.ts",
    ],
    target: 85,
  },
  {
    name: "web",
    mutate: ["packages/web/src/*.ts", "!packages/web/src/index.ts"],
    tests: ["packages/web/test/**/*.test.ts"],
    apart: [
      "packages/web/test/browsers/**",
      "packages/web/test/{recipes,polyfill,peers}.test.ts",
      "packages/web/test/node/**",
    ],
    target: 88,
  },
  {
    name: "node",
    mutate: ["packages/node/src/*.ts", "!packages/node/src/{index,report-deadlocks-preload}.ts"],
    tests: ["packages/node/test/**/*.test.ts"],
    apart: [
      "packages/node/test/{collection,peers,random-operations,recipes,report-deadlocks,runtimes,stream-iter,threads}.test.ts",
    ],
    target: 90,
  },
  {
    name: "rxjs",
    mutate: ["packages/rxjs/src/*.ts", "!packages/rxjs/src/index.ts"],
    tests: ["packages/rxjs/test/**/*.test.ts"],
    apart: ["packages/rxjs/test/node/**", "packages/rxjs/test/fairness.test.ts"],
    target: 88,
  },
];
