import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// `npm run test:runtimes` runs the same file in Node 20, 22, 24 and 26, in Bun and in Deno.
// Red when: a test of that file fails on the Node at hand.
test("the main lines hold on the Node at hand as on the others [NODE-015]", async () => {
  const file = new URL("./runtimes/streams.test.mjs", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@pipe512/source", "--test-reporter=tap", "--test", file],
    { env: { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: undefined } },
  );
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(stdout).toMatch(/^# pass [1-9]\d+$/m);
});
