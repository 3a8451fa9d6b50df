import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const run = (env: NodeJS.ProcessEnv): string =>
  execFileSync(
    process.execPath,
    ["--conditions=@pipe512/source", "apps/bench/src/main.ts", "--filter", "nats"],
    {
      encoding: "utf8",
      cwd: new URL("../../..", import.meta.url),
      env: { ...process.env, NODE_OPTIONS: "", ...env },
    },
  );

// Red when: the server is started without checking that it exists.
test("npm start -- --filter nats says in one line what to install if there is no server", () => {
  expect(run({ NATS_SERVER: "no-such-server" })).toBe(
    "No nats-server on PATH: install it (Debian: apt install nats-server) to compare a pipe between machines\n",
  );
});
