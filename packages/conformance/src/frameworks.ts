/** The operations that the suite needs from a test framework. */
export interface Framework {
  group(name: string, define: () => void): void;
  test(title: string, run: () => Promise<void>): void;
  skip(title: string, reason: string): void;
}

/** The members of vitest that the suite uses: `describe` and `test`. */
export interface Vitest {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly test: (title: string, run: (context: { skip(reason?: string): void }) => unknown) => unknown;
}

/** Declares the suite with vitest. The reporters of vitest print the reason of a skipped case. */
export function vitest({ describe, test }: Vitest): Framework {
  return {
    group: (name, define) => void describe(name, define),
    test: (title, run) => void test(title, run),
    skip: (title, reason) => void test(title, (context) => context.skip(reason)),
  };
}

/** The members of `node:test` that the suite uses: `describe` and `test`. */
export interface NodeTest {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly test: (title: string, options: { readonly skip?: string }, run: () => Promise<void>) => unknown;
}

/** Declares the suite with `node:test`, which prints the reason of a skipped case: `# SKIP the reason`. */
export function nodeTest({ describe, test }: NodeTest): Framework {
  return {
    group: (name, define) => void describe(name, define),
    test: (title, run) => void test(title, {}, run),
    skip: (title, reason) => void test(title, { skip: reason }, async () => {}),
  };
}
