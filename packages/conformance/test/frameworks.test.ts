import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { conformance, everything, vitest } from "@pipe512/conformance";
import { expect, test } from "vitest";
import { create } from "./targets/pipe.ts";

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Red when: only the README, or only one of its examples, is changed.
test.for(["pipe.test.ts", "programs/pipe.node-test.ts"])("The README shows %s as it is", (path) => {
  const readme = readFileSync(file("../README.md"), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${readFileSync(file(path), "utf8")}\`\`\``);
});

// Red when: the reason is not passed to node:test.
test("The README's example for node:test runs, and a skipped case shows its reason", {
  timeout: 30_000,
}, async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--expose-gc",
      "--conditions=@pipe512/source",
      "--test-reporter=tap",
      file("programs/pipe.node-test.ts"),
    ],
    {
      timeout: 25_000,
      killSignal: "SIGKILL",
      env: { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: "" },
    },
  );
  expect(stdout).toMatch(/^# pass 71$/m);
  expect(stdout).toMatch(/^# skipped 2$/m);
  expect(stdout).toMatch(/sets `progress` to the bytes that it has moved.*# SKIP it counts nothing/);
});

// Red when: the reason is not passed to vitest.
test("A case that is skipped with vitest shows its reason", () => {
  const skipped: Array<[string, string | undefined]> = [];
  const describe = (_name: string, define: () => void): void => define();
  const declare = (title: string, run: (context: { skip(reason?: string): void }) => unknown): void => {
    // Only a skipped case uses its context.
    if (title.includes("PIPE-029")) run({ skip: (reason) => void skipped.push([title, reason]) });
  };
  const supports = { ...everything, abandonment: "no other end is notified" };
  conformance({ name: "pipe()", create, supports }, vitest({ describe, test: declare }));
  expect(skipped.map(([, reason]) => reason)).toEqual(["no other end is notified"]);
});
